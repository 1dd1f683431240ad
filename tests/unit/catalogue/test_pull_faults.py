"""Archives that misbehave while files come: each is survived, or ends in a sentence and a state to continue from."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import ArchiveUnavailable, PullCancelled, PullFailed
from lifedesk_catalogue.transport import Policy
from tests.support.archive_server import ArchiveServer, changed
from tests.unit.catalogue.conftest import MakeStudy, write
from tests.unit.catalogue.test_pull import BIG, contents

MIDDLE = 6_000_000


@pytest.fixture
def content(study: MakeStudy) -> bytes:
    """The content of the one file, `f`, of the study."""
    made = os.urandom(MIDDLE)
    study(f=made)
    return made


def pull_into(folder: Path, policy: Policy) -> catalogue.Pulled:
    return catalogue.pull(catalogue.plan_pull("S-BIAD1", into=folder), policy=policy)


def nothing_half(folder: Path) -> bool:
    """Whether no file but the pull's own lies there."""
    return not contents(folder) and not (folder / "ro-crate-metadata.json").exists()


def test_cut_connection_is_continued_where_it_broke(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("cut", "/Files/f", after_bytes=4_000_000)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    first, second = archive.asked("/Files/f")
    assert first.range is None
    assert second.range is not None
    start = int(second.range.removeprefix("bytes=").rstrip("-"))
    assert 0 < start <= 4_000_000
    assert "if-range" in second.headers
    assert first.sent_bytes + second.sent_bytes < MIDDLE + 4_000_000


def test_server_that_ignores_ranges_is_read_from_the_start(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("cut", "/Files/f", after_bytes=4_000_000)
    archive.fault("ignore_range", "/Files/f", times=0)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    assert archive.asked("/Files/f")[-1].sent_bytes == MIDDLE


def test_big_file_from_a_server_that_ignores_ranges_comes_in_one(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path, impatient: Policy
) -> None:
    content = os.urandom(BIG)
    study(f=content)
    archive.fault("ignore_range", "/Files/f", times=0)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    assert len(archive.asked("/Files/f")) == 1


def test_ranges_that_are_cut_are_fetched_again_alone(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path, impatient: Policy
) -> None:
    content = os.urandom(BIG)
    study(f=content)
    archive.fault("cut", "/Files/f", after_bytes=9_000_000, skip=1, times=2)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    assert sum(request.sent_bytes for request in archive.asked("/Files/f")) < BIG + 10_000_000


def test_file_that_changes_between_tries_is_never_mixed(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("cut", "/Files/f", after_bytes=4_000_000)
    archive.fault("change", "/Files/f")
    pulled = contents(pull_into(tmp_path / "into", impatient).folder)["f"]
    assert pulled == changed(content)


def test_big_file_that_changes_between_ranges_is_never_mixed(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path, impatient: Policy
) -> None:
    content = os.urandom(BIG)
    study(f=content)
    archive.fault("change", "/Files/f", skip=1)
    pulled = contents(pull_into(tmp_path / "into", impatient).folder)["f"]
    assert pulled == changed(content)


def test_without_etag_or_date_parts_are_not_joined(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("no_validators", "/Files/f", times=0)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    assert [request.range for request in archive.asked("/Files/f")] == [None]


def test_length_that_is_a_lie_is_told_apart_from_the_listed_one(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("lie_length", "/Files/f", times=0, extra_bytes=7)
    with pytest.raises(PullFailed, match=rf"lists 'f' with {MIDDLE} bytes but serves {MIDDLE + 7}"):
        pull_into(tmp_path / "into", impatient)
    assert nothing_half(tmp_path / "into")


def test_server_that_always_stops_short_of_an_unlisted_length_ends_in_a_sentence(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path, impatient: Policy
) -> None:
    study(f=b"x" * 1000)
    write(archive.folder / "lists" / "S-BIAD1" / "all.json", b'[{"path": "f"}]')
    archive.fault("lie_length", "/Files/f", times=0, extra_bytes=7)
    with pytest.raises(catalogue.CatalogueError, match="What arrived is kept; pull again later to continue"):
        pull_into(tmp_path / "into", impatient)
    assert nothing_half(tmp_path / "into")


@pytest.mark.parametrize("status", [429, 503])
def test_busy_server_is_waited_for_as_long_as_it_asks(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy, status: int
) -> None:
    archive.fault("status", "/Files/f", status=status, retry_after="1")
    seen: list[catalogue.Progress] = []
    began = time.monotonic()
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"), seen.append, policy=impatient)
    assert time.monotonic() - began >= 1
    assert contents(pulled.folder) == {"f": content}
    waiting = [moment for moment in seen if moment.state == "retrying"]
    assert waiting
    assert "Trying again in 1 s" in (waiting[0].message or "")


def test_busy_server_gets_fewer_requests_at_once(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path, impatient: Policy
) -> None:
    study(**{f"f{number}": b"x" for number in range(200)})
    archive.fault("status", "/Files/", status=429, retry_after="0", times=3)
    pulled = pull_into(tmp_path / "into", impatient)
    assert pulled.fetched == 200


def test_server_that_stays_broken_ends_in_a_sentence_and_the_next_try_works(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    fault = archive.fault("status", "/Files/f", status=500, times=0)
    with pytest.raises(ArchiveUnavailable, match=r"has a fault \(HTTP 500\).*What arrived is kept"):
        pull_into(tmp_path / "into", impatient)
    assert len(archive.asked("/Files/f")) == impatient.attempts
    assert nothing_half(tmp_path / "into")
    archive.faults.remove(fault)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}


def test_silent_server_is_given_up_and_asked_again(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("hang", "/Files/f")
    began = time.monotonic()
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    assert 0.4 < time.monotonic() - began < 10


def test_web_page_instead_of_the_file_is_not_stored(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    fault = archive.fault("html", "/Files/f", times=0)
    with pytest.raises(ArchiveUnavailable, match="sent a web page instead of 'f'"):
        pull_into(tmp_path / "into", impatient)
    assert nothing_half(tmp_path / "into")
    archive.faults.remove(fault)
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}


def test_redirect_to_another_host_keeps_the_range(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("cut", "/Files/f", after_bytes=4_000_000)
    archive.fault("redirect", "/Files/f", to=archive.address.replace("127.0.0.1", "localhost"))
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    assert archive.asked("/Files/f")[-1].headers["host"].startswith("localhost")
    assert archive.asked("/Files/f")[-1].range is not None


def test_missing_file_is_named_and_the_others_are_there(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path, impatient: Policy
) -> None:
    study(here=b"here")
    write(
        archive.folder / "lists" / "S-BIAD1" / "all.json", b'[{"path": "here", "size": 4}, {"path": "gone", "size": 4}]'
    )
    with pytest.raises(PullFailed, match=r"1 of 2 files could not be pulled; the others are there\. .*nothing there"):
        pull_into(tmp_path / "into", impatient)
    assert contents(tmp_path / "into") == {"here": b"here"}


def test_slow_server_shows_signs_of_life_and_can_be_cancelled_and_continued(
    archive: ArchiveServer, content: bytes, tmp_path: Path, impatient: Policy
) -> None:
    archive.fault("drip", "/Files/f", bytes_per_second=2_500_000)
    cancel = threading.Event()
    seen: list[catalogue.Progress] = []

    def watch(moment: catalogue.Progress) -> None:
        seen.append(moment)
        if moment.bytes_done > 2_000_000:
            cancel.set()

    with pytest.raises(PullCancelled, match="Pull again to continue where it stopped"):
        catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"), watch, cancel, policy=impatient)
    assert len(seen) >= 2
    assert seen[-1].state == "cancelled"
    assert nothing_half(tmp_path / "into")
    assert contents(pull_into(tmp_path / "into", impatient).folder) == {"f": content}
    second = archive.asked("/Files/f")[-1]
    assert second.range is not None
    assert second.sent_bytes < MIDDLE - 1_000_000
