"""The catalogue browser: a thin widget. What it shows is computed elsewhere, what takes time runs beside it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import traitlets
from pydantic import ValidationError

from lifedesk_catalogue.archives import open_archives
from lifedesk_catalogue.image import Image
from lifedesk_catalogue.model import Dataset
from lifedesk_catalogue.search import get, list_files, search
from lifedesk_catalogue.settings import load_settings
from lifedesk_catalogue.widgets import details, found, messages
from lifedesk_catalogue.widgets.background import in_background, logger
from lifedesk_catalogue.widgets.opened import opened_view
from lifedesk_catalogue.widgets.opening import Opening
from lifedesk_catalogue.widgets.pictures import NoPicture, thumbnail
from lifedesk_catalogue.widgets.pulling import pull_view
from lifedesk_catalogue.widgets.pulls import Pulls

if TYPE_CHECKING:
    import gemmi

STATIC = Path(__file__).parent / "static"
PARTS = ("dom.js", "search.js", "details.js", "browser.js")
"""Plain functions, joined in this order to the one module that anywidget loads."""
THUMBNAILS_AT_ONCE = 3
RESULTS_PER_ARCHIVE = 20


class Browser(anywidget.AnyWidget):
    """Search the archives, look at a data set, pull it, open it.

    `dataset`, `path` and `image` are what is selected, where it was pulled to, and what was opened last.
    """

    _esm = "\n".join((STATIC / part).read_text(encoding="utf-8") for part in PARTS)
    _css = (STATIC / "browser.css").read_text(encoding="utf-8")

    found_view = traitlets.Dict().tag(sync=True)
    details_view = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    pull_view = traitlets.Dict().tag(sync=True)
    opened_view = traitlets.Dict().tag(sync=True)
    picture = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, query: str = "", archives: Sequence[str] | None = None) -> None:
        """A browser over these archives (all that are set up, by default), searching for `query` at once.

        Without a query it begins with the site's own data sets. Raises `SettingsError`, `UnknownArchive`.
        """
        # What close() needs comes first: ipywidgets closes also what could not be made.
        self._pulls = Pulls(self._show_pull)
        self._opening = Opening(self._show_opened)
        self._thumbnails = ThreadPoolExecutor(THUMBNAILS_AT_ONCE, thread_name_prefix="lifedesk-thumbnail")
        self._archives = {
            name: (archive.title, found.capabilities_text(archive.capabilities))
            for name, archive in open_archives(load_settings(), archives).items()
        }
        self._titles = {name: title for name, (title, _) in self._archives.items()}
        self._chosen = tuple(self._archives)
        self._lock = threading.RLock()
        self._found = found.Found(limit=RESULTS_PER_ARCHIVE)
        self._known: dict[str, Dataset] = {}
        """Whatever was listed: a view that has not yet heard of a new search still shows the results before it."""
        self._selection: details.Selection | None = None
        super().__init__(
            found_view=found.found_view(self._found, self._archives, self._chosen),
            pull_view=pull_view(None),
            opened_view=opened_view(),
        )
        self.on_msg(self._receive)
        if query or "site" in self._archives:
            self._search(query, self._chosen if query else ("site",))

    @property
    def dataset(self) -> Dataset | None:
        """The data set selected last."""
        return self._selection.dataset if self._selection else None

    @property
    def path(self) -> Path | None:
        """The folder the selected data set was pulled to; None before."""
        return self._pulls.folder(self._selection.key) if self._selection else None

    @property
    def image(self) -> Image | gemmi.Structure | None:
        """What was opened last, as `open_dataset` gives it."""
        return self._opening.opened

    def close(self) -> None:
        """Remove the widget; a pull under way is stopped and can be resumed."""
        self._pulls.cancel_all()
        self._thumbnails.shutdown(wait=False, cancel_futures=True)
        super().close()

    def _receive(self, _: object, content: object, __: object) -> None:
        """Answer a view: first that the kernel is there, then by doing what it asks."""
        if not isinstance(content, dict):
            return
        self.send({"kind": "ack", "id": content.get("id")})
        try:
            message = messages.parse_message(content.get("message"))
        except ValidationError as error:
            logger.warning("A view sent a message that is not understood: %s", error)
            return
        with self._lock:
            self._act(message)

    def _act(self, message: messages.Message) -> None:
        match message:
            case messages.SearchFor(query=query, archives=names):
                self._choose(names)
                self._search(query.strip(), self._chosen)
            case messages.ChooseArchives(names=names):
                self._choose(names)
            case messages.LoadMore():
                self._found = found.continued(self._found)
                self._ask(self._found)
            case messages.Select(key=key) if key in self._known:
                self._select(self._known[key])
            case messages.Back():
                self.details_view = None
            case messages.WantThumbnail(key=key) if key in self._known:
                self._thumbnails.submit(self._send_thumbnail, key, self._known[key])
            case _ if self._selection:
                self._act_on(self._selection, message)

    def _act_on(self, selection: details.Selection, message: messages.Message) -> None:
        match message:
            case messages.FilterFiles(text=text):
                self._show_details(details.with_filter(selection, text))
            case messages.ChooseFile(name=name, is_chosen=is_chosen):
                self._show_details(details.with_choice(selection, (name,), is_chosen=is_chosen))
            case messages.ChooseListed(is_chosen=is_chosen):
                names = [file.name for file in selection.listed]
                self._show_details(details.with_choice(selection, names, is_chosen=is_chosen))
            case messages.StartPull() if selection.files is not None:
                self._pulls.start(selection.key, selection.dataset, selection.chosen_files)
            case messages.CancelPull():
                self._pulls.cancel(selection.key)
            case messages.Open(path=path):
                folder = self._pulls.folder(selection.key)
                self._opening.start(selection.key, folder or selection.dataset, path)

    # Searching

    def _choose(self, names: Sequence[str]) -> None:
        self._chosen = tuple(name for name in self._archives if name in names)
        self._show_found(self._found)

    def _search(self, query: str, names: Sequence[str]) -> None:
        self._found = found.started(query, names, RESULTS_PER_ARCHIVE)
        self.details_view = None
        self._ask(self._found)

    def _ask(self, asked: found.Found) -> None:
        """Send the search off to every archive that is waited for, and show what comes as it comes."""
        self._show_found(asked)
        token = asked.token

        def work() -> None:
            waited_for = sorted((answer.page, name) for name, answer in asked.answers.items() if answer.is_waited_for)
            for page, group in groupby(waited_for, key=lambda pair: pair[0]):
                names = [name for _, name in group]
                for part in search(asked.query, names, limit=asked.limit, page=page):
                    if not self._update_found(token, partial(found.with_part, part=part)):
                        return
            self._update_found(token, found.ended)

        def refused(sentence: str) -> None:
            self._update_found(token, lambda now: found.ended(now, sentence))

        in_background(work, refused, "search")

    def _update_found(self, token: object, change: Callable[[found.Found], found.Found]) -> bool:
        """Show the search after `change`; False when another search has begun since."""
        with self._lock:
            if self._found.token is not token:
                return False
            self._show_found(change(self._found))
            return True

    def _show_found(self, now: found.Found) -> None:
        self._found = now
        self._known |= now.datasets
        self.found_view = found.found_view(now, self._archives, self._chosen)

    def _send_thumbnail(self, key: str, dataset: Dataset) -> None:
        try:
            picture = thumbnail(dataset)
        except NoPicture as reason:
            self.send({"kind": "thumbnail", "key": key, "reason": str(reason)})
        except Exception:  # the outer edge of the thread: a thumbnail is never worth an error
            logger.exception("The thumbnail of %s failed", key)
            self.send({"kind": "thumbnail", "key": key, "reason": "The thumbnail could not be made."})
        else:
            self.send({"kind": "thumbnail", "key": key}, [picture])

    # Details, pull, open

    def _select(self, dataset: Dataset) -> None:
        selection = details.Selection(dataset=dataset)
        self._show_details(selection)
        self._show_pull(selection.key)
        self._opening.clear(selection.key)

        def work() -> None:
            whole = get(dataset.accession, dataset.archive)
            files = list_files(whole)
            free_bytes = shutil.disk_usage(Path.home()).free
            with self._lock:
                if self._selection is selection:
                    self._show_details(details.with_files(selection, whole, files, free_bytes))
            self._pulls.look_for(selection.key, whole, files)

        def failed(sentence: str) -> None:
            with self._lock:
                if self._selection is selection:
                    self._show_details(details.with_problem(selection, sentence))

        in_background(work, failed, "details")

    def _show_details(self, selection: details.Selection) -> None:
        self._selection = selection
        self.details_view = details.details_view(selection, self._titles)

    def _show_pull(self, key: str) -> None:
        with self._lock:
            if self._selection and self._selection.key == key:
                self.pull_view = pull_view(self._pulls.stage(key))

    def _show_opened(self, key: str) -> None:
        with self._lock:
            if self._selection and self._selection.key == key:
                self.picture, self.opened_view = self._opening.picture, self._opening.view
