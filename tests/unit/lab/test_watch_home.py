"""How full the home is, what lies there, and what is told of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lifedesk_lab.watch.home import HomeRoom, Room, home_notice, largest, room

MIB = 1024**2
GIB = 1024**3


@pytest.fixture
def home(tmp_path: Path) -> Path:
    sizes = {
        "results/table.csv": 3,
        ".local/share/Trash/files/old.tif": 2,
        ".cache/pip/wheel": 1,
        ".local/bin/tool": 0.5,
    }
    for name, size in sizes.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * int(size * MIB))
    (tmp_path / "link").symlink_to(tmp_path / "results")
    return tmp_path


@pytest.mark.parametrize(
    ("size", "free", "files", "nearly", "full"),
    [
        (100 * GIB, 5 * GIB, None, False, False),
        (100 * GIB, GIB, None, True, False),
        (100 * GIB, 15 * MIB, None, True, True),
        (1024 * GIB, 3 * GIB, None, False, False),
        (GIB, 60 * MIB, None, False, False),
        (GIB, 40 * MIB, None, True, False),
        (32 * MIB, 0, None, True, True),
        (100 * GIB, 50 * GIB, 900, True, False),
        (100 * GIB, 50 * GIB, 0, True, True),
    ],
)
def test_a_home_is_nearly_full_at_a_twentieth_and_full_when_hardly_a_file_fits(
    size: int, free: int, files: int | None, nearly: bool, full: bool
) -> None:
    found = Room(size, free, files)
    assert (found.is_nearly_full, found.is_full) == (nearly, full)


def test_what_takes_the_most_is_counted_with_the_trash_apart(home: Path) -> None:
    found = largest(home)
    assert [name for name, _ in found][:4] == ["results", ".local/share/Trash", ".cache", ".local"]
    assert 3 * MIB <= found[0][1] < 3.1 * MIB
    assert found[3][1] < MIB  # without the trash in it


def test_counting_stops_when_its_time_is_over(home: Path) -> None:
    started = time.monotonic()
    assert largest(home, seconds=0) == []
    assert time.monotonic() - started < 1


def test_a_full_home_says_what_to_delete_first() -> None:
    takers = [("results", 3 * GIB), (".local/share/Trash", 2 * GIB), (".cache", 900 * MIB)]
    notice = home_notice(Room(6 * GIB, 0, None), takers)
    assert (notice.about, notice.kind, notice.summary) == (
        "home",
        "error",
        "Your home is full: 0 bytes of 6 GB are left.",
    )
    assert notice.advice.splitlines() == [
        "Nothing can be saved until you delete something.",
        "What takes the most:",
        "3 GB  results",
        "2 GB  .local/share/Trash (deleted files, until you empty the trash: rm -r ~/.local/share/Trash)",
        "900 MB  .cache (copies that programs make anew: rm -r ~/.cache)",
        "Files deleted in JupyterLab go to the trash, which is in your home too.",
    ]
    few = home_notice(Room(6 * GIB, GIB, 12), [])
    assert few.summary == "Your home is nearly full: it takes 12 more files, whatever their size."


def test_a_home_is_told_of_when_it_gets_worse_and_not_again(home: Path) -> None:
    rooms = iter([Room(GIB, GIB, None), Room(GIB, 40 * MIB, None), Room(GIB, 39 * MIB, None), Room(GIB, 0, None)])
    watched = HomeRoom(home, measure=lambda folder: next(rooms))
    told = [(notice.kind if (notice := watched.look()) else None, watched.has_room) for _ in range(4)]
    assert told == [(None, True), ("warning", False), (None, False), ("error", False)]


def test_the_room_of_a_folder_is_that_of_its_file_system(tmp_path: Path) -> None:
    found = room(tmp_path)
    assert 0 < found.free_bytes <= found.size_bytes
