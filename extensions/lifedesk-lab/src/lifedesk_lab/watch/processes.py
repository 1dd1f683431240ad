"""The processes of the session, remembered while they live so that the dead can be named."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_NAME_LENGTH = 40
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Process:
    """One process as it was last seen."""

    number: int
    name: str
    resident_bytes: int


class Processes:
    """Who lives, as of the last `look`."""

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._living: dict[int, Process] = {}
        self._named: set[int] = set()

    def look(self) -> list[Process]:
        """Look again; who has gone since, the largest first."""
        before = self._living
        numbers = [int(name) for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208  (twice as fast)
        found = [self._read(number, before.get(number)) for number in numbers]
        self._living = {process.number: process for process in found if process}
        self._named = self._living.keys() & before.keys()
        gone = [process for number, process in before.items() if number not in self._living]
        return sorted(gone, key=lambda process: -process.resident_bytes)

    def _read(self, number: int, before: Process | None) -> Process | None:
        try:
            size, resident, *_ = self._text(number, "statm").split()
            if size == "0":
                return None  # dead, and nobody has asked yet how it ended
            if before is not None and number in self._named:
                name = before.name
            else:  # looked up twice: a new process still has the name of the one that started it
                name = program_name(self._text(number, "cmdline").split("\0")) or self._text(number, "comm").strip()
        except (OSError, ValueError):
            return None  # gone already
        return Process(number, name[:_NAME_LENGTH], int(resident) * _PAGE_BYTES)

    def _text(self, number: int, file: str) -> str:
        with open(f"{self._proc}/{number}/{file}", "rb") as opened:  # noqa: PTH123  (a third of Path's time)
            return opened.read().decode(errors="replace")


def program_name(words: list[str]) -> str:
    """What people call the program of a command line: the script or module rather than its interpreter."""
    program, *arguments = [word for word in words if word] or [""]
    name = program.rpartition("/")[2]
    if name.startswith("python") and arguments:
        if arguments[0] == "-m" and len(arguments) > 1:
            return arguments[1]
        if not arguments[0].startswith("-"):
            return arguments[0].rpartition("/")[2]
    return name
