"""A real site archive, a server that speaks the BioStudies API, and a view's side of a widget without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from lifedesk_catalogue.demo_site import write_demo_site
from lifedesk_catalogue.widgets import Browser
from tests.support.archive_server import ArchiveServer, running
from tests.support.waiting import wait_until

BIG_FILE = bytes(range(250)) * 24_000


class View:
    """What a browser view does: sends messages through the widget's comm, keeps what comes back."""

    def __init__(self, widget: Browser, sent: list[dict[str, Any]]) -> None:
        self.widget = widget
        self.sent = sent
        self._asked = 0

    def send(self, kind: str, **values: object) -> None:
        """Send the kernel a message, as the view does."""
        self._asked += 1
        content = {"id": self._asked, "message": {"kind": kind, **values}}
        data = {"method": "custom", "content": content}
        self.widget.comm.handle_msg({"content": {"data": data}, "buffers": []})

    def received(self, kind: str) -> list[dict[str, Any]]:
        """Messages of this kind that came from the kernel, each with its `buffers`."""
        return [message for message in tuple(self.sent) if message["kind"] == kind]

    def wait(self, trait: str, condition: Callable[[Mapping[str, Any]], object], sentence: str) -> Mapping[str, Any]:
        """The trait's value as soon as it fulfils the condition."""
        wait_until(lambda: (value := getattr(self.widget, trait)) and condition(value), sentence)
        return dict(getattr(self.widget, trait))


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo data sets."""
    folder = tmp_path_factory.mktemp("site")
    write_demo_site(folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, where pulls go."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def archive_server(tmp_path: Path) -> Iterator[ArchiveServer]:
    """A BioStudies server with one study, S-BIAD1, of one file of 6 MB and unknown licence."""
    folder = tmp_path / "biostudies"
    (folder / "data" / "S-BIAD1").mkdir(parents=True)
    (folder / "data" / "S-BIAD1" / "big.bin").write_bytes(BIG_FILE)
    record = {
        "accno": "S-BIAD1",
        "attributes": [
            {"name": "Title", "value": "Cells <b>in</b> bold"},
            {"name": "ReleaseDate", "value": "2024-01-02"},
        ],
        "section": {
            "type": "Study",
            "attributes": [{"name": "Title", "value": "Cells in bold"}, {"name": "File List", "value": "files.json"}],
        },
    }
    (folder / "S-BIAD1.json").write_text(json.dumps(record))
    with running(folder) as server:
        yield server


@pytest.fixture
def open_browser(home: Path, demo_site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., View]]:
    """Makes browsers over the demo site (and more archives, if named), and closes them in the end."""
    views: list[View] = []

    def make(query: str = "", **more: object) -> View:
        sent: list[dict[str, Any]] = []

        class RecordingComm(BaseComm):
            def publish_msg(
                self,
                msg_type: str,
                data: dict[str, Any] | None = None,
                metadata: dict[str, Any] | None = None,
                buffers: list[bytes] | None = None,
                **keys: Any,
            ) -> None:
                if data and data.get("method") == "custom":
                    sent.append({**data["content"], "buffers": buffers})

        monkeypatch.setattr(comm, "create_comm", lambda **options: RecordingComm(**options))
        monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps({"site": {"path": str(demo_site)}, **more}))
        views.append(View(Browser(query), sent))
        return views[-1]

    yield make
    for view in views:
        view.widget.close()
