"""Pulls that end early: killed, disk full, two at once. Nothing half is left, the next one goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import DiskFull, PullInProgress
from lifedesk_catalogue.transport import Policy
from tests.support.archive_server import ArchiveServer
from tests.support.waiting import wait_until
from tests.unit.catalogue.conftest import MakeStudy, write
from tests.unit.catalogue.test_pull import contents

SOURCE = Path(catalogue.__file__).parents[1]
PULL = "import sys, lifedesk_catalogue as c; c.pull(c.plan_pull('S-BIAD1', into=sys.argv[1]))"


def start_pull(into: Path) -> subprocess.Popen[bytes]:
    """A pull in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", PULL, str(into)], env={**os.environ, "PYTHONPATH": str(SOURCE)})


def test_killed_pull_leaves_nothing_half_and_the_next_continues(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path
) -> None:
    content = os.urandom(24_000_000)
    study(small=b"small", big=content)
    archive.fault("drip", "/Files/big", bytes_per_second=4_000_000)
    into = tmp_path / "into"
    process = start_pull(into)
    noted = wait_until(lambda: list((into / ".lifedesk" / "parts").glob("*.json")), "nothing was noted", 30)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert noted
    assert contents(into) in ({"small": b"small"}, {})
    assert not (into / "ro-crate-metadata.json").exists()
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=into))
    assert contents(into) == {"small": b"small", "big": content}
    assert pulled.crate.is_file()
    last = archive.asked("/Files/big")[-1]
    assert last.range is not None
    assert last.sent_bytes < len(content) - 1_000_000


def test_two_pulls_of_one_folder_are_told_apart(archive: ArchiveServer, study: MakeStudy, tmp_path: Path) -> None:
    study(big=os.urandom(10_000_000))
    archive.fault("drip", "/Files/big", bytes_per_second=5_000_000)
    into = tmp_path / "into"
    process = start_pull(into)
    try:
        wait_until(lambda: archive.asked("/Files/big"), "the first pull did not start", 30)
        with pytest.raises(PullInProgress) as caught:
            catalogue.pull(catalogue.plan_pull("S-BIAD1", into=into))
        assert f"Another pull is writing to {into} (process {process.pid} on " in str(caught.value)
    finally:
        assert process.wait(30) == 0
    assert catalogue.plan_pull("S-BIAD1", into=into).is_complete


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=False).returncode
    ):
        pytest.skip("a small file system can be mounted by root only")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_full_disk_ends_in_a_sentence_leaves_nothing_half_and_the_next_try_continues(
    archive: ArchiveServer, study: MakeStudy, small_disk: Path
) -> None:
    files = {"a": os.urandom(3_000_000), "b": os.urandom(9_000_000)}
    study(**files)
    into = small_disk / "into"
    plan = catalogue.plan_pull("S-BIAD1", into=into)
    blocker = small_disk / "other"
    write(blocker, bytes(8_000_000))
    with pytest.raises(DiskFull, match=r"no space left in .*What arrived is kept; free some space and pull again"):
        catalogue.pull(plan)
    left = contents(into)
    assert "b" not in left
    assert left in ({}, {"a": files["a"]})
    assert not (into / "ro-crate-metadata.json").exists()
    blocker.unlink()
    archive.requests.clear()
    catalogue.pull(catalogue.plan_pull("S-BIAD1", into=into))
    assert contents(into) == files
    (request,) = archive.asked("/Files/b")
    assert request.sent_bytes < len(files["b"])


def test_interrupted_copy_of_the_sites_own_data_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lifedesk_catalogue.errors import PullCancelled
    from lifedesk_catalogue.local_copy import copy_local
    from lifedesk_catalogue.part import Part

    content = os.urandom(20_000_000)
    write(tmp_path / "source", content)
    file = catalogue.File(name="source", url=(tmp_path / "source").as_uri(), size_bytes=len(content))
    stop = threading.Event()
    first = Part(tmp_path / "x.part")
    monkeypatch.setattr("lifedesk_catalogue.local_copy._share_blocks", lambda *_: False)
    copied: list[int] = []

    def stop_after_two(count: int) -> None:
        copied.append(count)
        if sum(copied) > 5_000_000:
            stop.set()

    with pytest.raises(PullCancelled):
        copy_local(file, first, stop, stop_after_two)
    first.save()
    first.close()
    second = Part(tmp_path / "x.part")
    again: list[int] = []
    fetched = copy_local(file, second, threading.Event(), again.append)
    second.finish(tmp_path / "target", fetched.size_bytes)
    second.close()
    assert again[0] == sum(copied)
    assert (tmp_path / "target").read_bytes() == content


def test_source_that_changed_since_the_plan_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "site" / "own" / "a", b"before")
    monkeypatch.setenv("LIFEDESK_ARCHIVES", f'{{"site": {{"path": "{tmp_path / "site"}"}}}}')
    plan = catalogue.plan_pull("own", into=tmp_path / "into")
    write(tmp_path / "site" / "own" / "a", b"and after")
    with pytest.raises(catalogue.CatalogueError, match="has 9 bytes on this site, where 6 were announced"):
        catalogue.pull(plan)
    assert contents(tmp_path / "into") == {}


def test_folder_that_cannot_be_written_is_named(study: MakeStudy, tmp_path: Path) -> None:
    study(a=b"a")
    plan = catalogue.plan_pull("S-BIAD1", into=tmp_path / "blocked" / "into")
    write(tmp_path / "blocked", b"a file where the folder should be")
    with pytest.raises(catalogue.CatalogueError, match=r"blocked/into/\.lifedesk.* cannot be written: Not a directory"):
        catalogue.pull(plan, policy=Policy())


def test_link_in_the_target_is_not_followed_out_of_it(study: MakeStudy, tmp_path: Path) -> None:
    study(**{"sub/a": b"a"})
    plan = catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")
    (tmp_path / "outside").mkdir()
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(catalogue.CatalogueError, match="is a link that leaves the target folder"):
        catalogue.pull(plan)
    assert not list((tmp_path / "outside").iterdir())
