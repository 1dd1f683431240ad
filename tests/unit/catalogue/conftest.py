"""An archive to ask: a server that speaks the BioStudies API, with studies made for each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lifedesk_catalogue.transport import Policy
from tests.support.archive_server import ArchiveServer, running
from tests.support.samples import samples_folder

MakeStudy = Callable[..., Path]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchiveServer]:
    """A running archive that is the only one set up; its `folder` is empty."""
    folder = tmp_path / "archive"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    with running(folder) as server:
        monkeypatch.setenv("LIFEDESK_ARCHIVES", server.environment)
        yield server


@pytest.fixture
def study(archive: ArchiveServer) -> MakeStudy:
    """Add a study with these files to the archive; gives the folder of its files."""

    def make(accession: str = "S-BIAD1", title: str = "A study", **files: bytes) -> Path:
        record = {
            "accno": accession,
            "attributes": [{"name": "Title", "value": title}, {"name": "ReleaseDate", "value": "2024-05-06"}],
            "section": {
                "type": "Study",
                "attributes": [{"name": "License", "value": "CC0"}, {"name": "File List", "value": "all.json"}],
                "subsections": [{"type": "author", "attributes": [{"name": "Name", "value": "Ada Example"}]}],
            },
        }
        (archive.folder / f"{accession}.json").write_text(json.dumps(record), encoding="utf-8")
        data = archive.data(accession)
        data.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write(data / name, content)
        return data

    return make


@pytest.fixture
def impatient() -> Policy:
    """Retries in hundredths of a second, gives silence half a second."""
    return Policy(first_wait_seconds=0.01, stall_seconds=0.5, longest_wait_seconds=2.0)


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders on the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def samples() -> Path:
    """Real recorded answers and data kept beside the repository; skips where there are none."""
    return samples_folder()
