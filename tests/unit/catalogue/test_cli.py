"""The command, as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lifedesk_catalogue.cli import app
from tests.support.archive_server import ArchiveServer
from tests.unit.catalogue.conftest import MakeStudy
from tests.unit.catalogue.test_opening import make_structure


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> object:
    """Run a command line; gives its exit status and all it said, on one line."""
    monkeypatch.setattr("lifedesk_catalogue.cli.out.width", 200, raising=False)
    monkeypatch.setattr("lifedesk_catalogue.cli.err.width", 200, raising=False)

    def invoke(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, " ".join(result.output.split())

    return invoke


def test_search_show_and_pull_say_what_they_do(
    run: object, archive: ArchiveServer, study: MakeStudy, tmp_path: Path
) -> None:
    assert callable(run)
    study("S-BIAD1", "Nuclei [bold]of[/bold] yeast", **{"a.tif": b"a" * 2000, "b.csv": b"b"})
    status, said = run("search", "yeast")
    assert (status, "S-BIAD1" in said, "Nuclei [bold]of[/bold] yeast" in said) == (0, True, True)
    status, said = run("show", "S-BIAD1")
    assert status == 0
    assert "licence CC0-1.0" in said
    assert "a.tif 2.0 kB" in said
    status, said = run("pull", "S-BIAD1", "*.tif", "--into", str(tmp_path / "into"), "--dry-run")
    assert "1 of 1 files to fetch, 2.0 kB" in said
    assert not (tmp_path / "into").exists()
    status, said = run("pull", "S-BIAD1", "--into", str(tmp_path / "into"))
    assert status == 0
    assert "2 files fetched (2.0 kB); checked: 2 size-only." in said
    assert "0 files fetched" in run("pull", "S-BIAD1", "--into", str(tmp_path / "into"))[1]


def test_errors_are_a_sentence_and_status_one(run: object, archive: ArchiveServer) -> None:
    assert callable(run)
    status, said = run("show", "S-BIAD99")
    assert status == 1
    assert said == "The BioImage Archive has no entry S-BIAD99. Check the accession, or search by words."
    archive.fault("html", "/search", times=0)
    status, said = run("search", "x")
    assert status == 0
    assert "UTC: 127.0.0.1" in said
    assert "sent a web page where data was expected" in said


def test_open_says_what_is_there_and_draws_it(run: object, archive: ArchiveServer, tmp_path: Path) -> None:
    assert callable(run)
    make_structure(tmp_path / "m.cif")
    status, said = run("open", str(tmp_path / "m.cif"), "--picture", str(tmp_path / "m.png"))
    assert status == 0, said
    assert "structure with chains A, B" in said
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
