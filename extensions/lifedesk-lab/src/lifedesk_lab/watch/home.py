"""How full the home is, and what lies there that takes the most."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lifedesk_lab.notices import Notice
from lifedesk_lab.watch import words

ABOUT = "home"
_MEGABYTE = 1024**2
_COUNT_SECONDS = 5.0
_SHOWN = 5
# Names below the home that people do not know, with what may be done about them.
_KNOWN = {
    ".local/share/Trash": "deleted files, until you empty the trash: rm -r ~/.local/share/Trash",
    ".cache": "copies that programs make anew: rm -r ~/.cache",
    ".local/share/lifedesk/environments": "packages of your own: lifedesk-environment list",
    "data": "data sets, which can be pulled again",
}


@dataclass(frozen=True)
class Room:
    """What a file system has, in bytes, and how many more files it takes (None when it does not count them)."""

    size_bytes: int
    free_bytes: int
    free_files: int | None

    @property
    def is_full(self) -> bool:
        """Whether nothing can be saved any more, or hardly."""
        return self.free_files == 0 or self.free_bytes < min(16 * _MEGABYTE, self.size_bytes // 100)

    @property
    def is_nearly_full(self) -> bool:
        """Whether less than a twentieth is left, and less than 2 GB."""
        few_files = self.free_files is not None and self.free_files < 1000
        return self.is_full or few_files or self.free_bytes < min(2048 * _MEGABYTE, self.size_bytes // 20)


def room(folder: Path) -> Room:
    """What is left where `folder` lies."""
    found = os.statvfs(folder)
    files = found.f_favail if found.f_files else None
    return Room(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, files)


def largest(home: Path, seconds: float = _COUNT_SECONDS) -> list[tuple[str, int]]:
    """The names below `home` that take the most and how many bytes, largest first, counted for `seconds` at most."""
    deadline = time.monotonic() + seconds
    sizes: dict[str, int] = {}
    for name in [*_KNOWN, *_others(home)]:
        known_inside = [home / inner for inner in _KNOWN if inner.startswith(f"{name}/")]
        sizes[name] = sum(_used(home / name, known_inside, deadline))
    found = sorted(sizes.items(), key=lambda pair: -pair[1])
    return [(name, taken) for name, taken in found if taken > 0][:_SHOWN]


def home_notice(room: Room, takers: list[tuple[str, int]]) -> Notice:
    """How full it is and what to delete first."""
    left = f"{words.size(room.free_bytes)} of {words.size(room.size_bytes)} are left"
    if room.free_files is not None and room.free_files < 1000:
        left = f"it takes {room.free_files} more files, whatever their size"
    what = "full" if room.is_full else "nearly full"
    rows = [f"{words.size(taken)}  {name}{_remark(name)}" for name, taken in takers]
    advice = [
        "Nothing can be saved until you delete something." if room.is_full else "Delete something before it is full.",
        *(["What takes the most:", *rows] if rows else []),
        "Files deleted in JupyterLab go to the trash, which is in your home too.",
    ]
    return Notice(
        about=ABOUT,
        kind="error" if room.is_full else "warning",
        summary=f"Your home is {what}: {left}.",
        advice="\n".join(advice),
    )


class HomeRoom:
    """Tells when the home gets full, when it is full, and takes that back when it no longer is."""

    def __init__(self, folder: Path, measure: Callable[[Path], Room] = room) -> None:
        self._folder = folder
        self._measure = measure
        self._told: tuple[bool, bool] = (False, False)

    def look(self) -> Notice | None:
        """A notice when the state has changed for the worse; may take seconds, for a thread of its own."""
        found = self._measure(self._folder)
        state = (found.is_nearly_full, found.is_full)
        before, self._told = self._told, state
        if state > before:
            return home_notice(found, largest(self._folder))
        return None

    @property
    def has_room(self) -> bool:
        """Whether the last look found enough."""
        return self._told == (False, False)


def _remark(name: str) -> str:
    return f" ({_KNOWN[name]})" if name in _KNOWN else ""


def _others(home: Path) -> list[str]:
    return sorted(entry.name for entry in home.iterdir() if entry.name not in _KNOWN)


def _used(start: Path, without: list[Path], deadline: float) -> Iterator[int]:
    """The bytes each file at or below `start` takes on the disk; links are not followed."""
    waiting = [start]
    while waiting and time.monotonic() < deadline:
        path = waiting.pop()
        if path in without:
            continue
        try:
            yield path.lstat().st_blocks * 512
            if path.is_dir() and not path.is_symlink():
                waiting += path.iterdir()
        except OSError:
            continue  # gone meanwhile, or not readable
