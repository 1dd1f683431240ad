"""Several archives at once: results stream, one that fails is a notice beside the others."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.model import ArchiveNotice, Hits
from tests.support.archive_server import ArchiveServer


@pytest.fixture
def both(archive: ArchiveServer, study: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArchiveServer:
    """The server and a site folder with one data set."""
    folder = tmp_path / "site"
    (folder / "own").mkdir(parents=True)
    (folder / "own" / "dataset.yaml").write_text("title: A study of our own\n", encoding="utf-8")
    settings = {"bioimage-archive": {"base_url": archive.base_url}, "site": {"path": str(folder)}}
    monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps(settings))
    assert callable(study)
    study("S-BIAD1", "A study of nuclei")
    return archive


def names(parts: list[Hits | ArchiveNotice]) -> dict[str, list[str] | str]:
    return {
        part.archive: part.message if isinstance(part, ArchiveNotice) else [each.accession for each in part.datasets]
        for part in parts
    }


def test_every_archive_answers_in_a_plain_loop(both: ArchiveServer) -> None:
    assert names(list(catalogue.search("study"))) == {"site": ["own"], "bioimage-archive": ["S-BIAD1"]}


async def test_every_archive_answers_in_an_asynchronous_loop(both: ArchiveServer) -> None:
    parts = [part async for part in catalogue.search("study")]
    assert names(parts) == {"site": ["own"], "bioimage-archive": ["S-BIAD1"]}


async def test_plain_loop_and_plain_calls_work_inside_a_running_event_loop(both: ArchiveServer) -> None:
    assert asyncio.get_running_loop().is_running()
    assert len(list(catalogue.search("study"))) == 2
    assert catalogue.get("S-BIAD1").title == "A study of nuclei"


def test_quick_archive_is_shown_before_the_slow_one_times_out(both: ArchiveServer) -> None:
    both.fault("hang", "/search", times=0)
    began = time.monotonic()
    parts = iter(catalogue.search("study", timeout_seconds=1.0))
    first = next(parts)
    assert first.archive == "site"
    assert time.monotonic() - began < 0.9
    notice = next(parts)
    assert isinstance(notice, ArchiveNotice)
    assert notice.message.endswith("did not answer within 1 s. Try again later.")
    assert notice.at.tzinfo is not None
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("kind", ["html", "cut", "drip"])
def test_broken_archive_is_a_notice_beside_the_other(both: ArchiveServer, kind: str) -> None:
    both.fault(kind, "/search", times=0, after_bytes=10, bytes_per_second=20)
    found = names(list(catalogue.search("study", timeout_seconds=1.5)))
    assert found["site"] == ["own"]
    assert isinstance(found["bioimage-archive"], str)


def test_archive_that_is_gone_is_a_notice(both: ArchiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEDESK_ARCHIVES", '{"bioimage-archive": {"base_url": "http://127.0.0.1:9/api/v1"}}')
    (notice,) = catalogue.search("study", timeout_seconds=5)
    assert isinstance(notice, ArchiveNotice)
    assert "127.0.0.1:9 cannot be reached" in notice.message or "did not answer" in notice.message


def test_loop_may_be_left_early(both: ArchiveServer) -> None:
    both.fault("hang", "/search", times=0)
    for part in catalogue.search("study", timeout_seconds=30):
        assert part.archive == "site"
        break


def test_matched_counts_over_all_archives_and_says_when_one_was_silent(both: ArchiveServer) -> None:
    exact = catalogue.matched("study")
    both.fault("html", "/search", times=0)
    partial = catalogue.matched("study")
    assert (exact.total, exact.is_exact, exact.notices) == (2, True, ())
    assert (partial.total, partial.is_exact) == (1, False)
    assert partial.notices[0].archive == "bioimage-archive"


def test_pages_follow_each_other(both: ArchiveServer, study: object) -> None:
    assert callable(study)
    for number in range(2, 6):
        study(f"S-BIAD{number}", f"A study {number}")
    found = []
    for page in (1, 2, 3):
        (hits,) = catalogue.search("study", ["bioimage-archive"], limit=2, page=page)
        assert isinstance(hits, Hits)
        assert hits.total == 5
        found += [each.accession for each in hits.datasets]
    assert found == [f"S-BIAD{number}" for number in range(1, 6)]


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"page": 0}])
def test_limit_and_page_count_from_one(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        catalogue.search("x", **wrong)  # type: ignore[arg-type]
