"""Open a data set in the background and draw its quick look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lifedesk_catalogue.image import Image
from lifedesk_catalogue.model import Dataset
from lifedesk_catalogue.opening import open_dataset, openable
from lifedesk_catalogue.overview import overview, sufficient_level
from lifedesk_catalogue.widgets.background import in_background
from lifedesk_catalogue.widgets.opened import OpenedView, code_to_open, opened_view
from lifedesk_catalogue.widgets.pictures import enlarged, png

if TYPE_CHECKING:
    import gemmi

QUICK_LOOK_PIXELS = 640


class Opening:
    """What was opened last, its picture and its caption."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        """`on_change` hears, in any thread, the key of the data set whose view has changed."""
        self.opened: Image | gemmi.Structure | None = None
        self.picture = b""
        self.view: OpenedView = opened_view()
        self._on_change = on_change
        self._lock = threading.Lock()
        self._latest: object = None

    def clear(self, key: str) -> None:
        """Show nothing, for a data set that was just selected; `opened` stays."""
        self._begin(object(), opened_view(key))

    def start(self, key: str, source: Path | Dataset, path: str | None) -> None:
        """Open `source`: the thing at `path` in it, or the only one; several are offered to choose from."""
        token = object()
        self._begin(token, opened_view(key, is_opening=True))

        def work() -> None:
            choices = openable(source)
            if path is None and len(choices) > 1:
                self._end(token, opened_view(key, choices=choices))
                return
            chosen = path if path is not None else next(iter(choices), "")
            opened = open_dataset(source, chosen or None)
            picture = png(enlarged(overview(opened, size=QUICK_LOOK_PIXELS)))
            view = opened_view(
                key,
                choices=choices,
                path=chosen,
                opened=opened,
                shown_level=_shown_level(opened),
                code=code_to_open(source, chosen, opened),
            )
            self._end(token, view, picture, opened)

        def failed(sentence: str) -> None:
            self._end(token, opened_view(key, problem=sentence))

        in_background(work, failed, "open")

    def _begin(self, token: object, view: OpenedView) -> None:
        with self._lock:
            self._latest, self.picture, self.view = token, b"", view
        self._on_change(view["key"])

    def _end(
        self, token: object, view: OpenedView, picture: bytes = b"", opened: Image | gemmi.Structure | None = None
    ) -> None:
        """Show what came of it, unless something else has been asked for since."""
        with self._lock:
            if self._latest is not token:
                return
            self.picture, self.view, self.opened = picture, view, opened or self.opened
        self._on_change(view["key"])


def _shown_level(opened: Image | gemmi.Structure) -> int:
    """The number of the level that the quick look is drawn from."""
    if not isinstance(opened, Image):
        return 0
    shown = sufficient_level(opened, QUICK_LOOK_PIXELS)
    return next(number for number, level in enumerate(opened.levels) if level is shown)
