"""Programs ended for memory that were no kernels: those of the desktop, and those started in terminals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from lifedesk_lab.notices import Notice, post
from lifedesk_lab.watch import words
from lifedesk_lab.watch.ledger import Ledger
from lifedesk_lab.watch.processes import Process, Processes

_ADVICE = (
    "Your files are safe; what it had not saved is gone.\n"
    "Before you start it again: shut down kernels and programs you no longer need, open less data at once, or stop the "
    "session and start it with a larger size."
)


class Kernels(Protocol):
    """What is to be known of kernels: their deaths are not told here."""

    @property
    def numbers(self) -> Collection[int]:
        """The process numbers of all kernels there ever were."""

    def has_unnoticed(self) -> bool:
        """Whether a kernel has ended that Jupyter has not found yet."""


class ProgramDeaths:
    """Tells of programs ended for memory that were no kernels."""

    def __init__(self, ledger: Ledger, kernels: Kernels, titles: Mapping[str, str]) -> None:
        """`titles` has the names for people of programs with windows."""
        self._ledger = ledger
        self._kernels = kernels
        self._titles = titles
        self._processes = Processes()
        self._suspects: list[Process] = []
        self._was_untold = False

    def look(self) -> None:
        """Post a notice for each death that was untold at the last look and still is."""
        gone = self._processes.look()
        if not self._ledger.untold():
            self._was_untold, self._suspects = False, []
            return
        self._suspects += [process for process in gone if process.number not in self._kernels.numbers]
        if not self._was_untold or self._kernels.has_unnoticed():
            self._was_untold = True
            return
        suspects = sorted(self._suspects, key=lambda process: -process.resident_bytes)
        while self._ledger.claim():
            name = suspects.pop(0).name if suspects else None
            post(program_notice(self._titles.get(name, name) if name else None, self._ledger.limit_bytes()))


def program_notice(name: str | None, limit_bytes: int | None) -> Notice:
    """What to tell of a program ended for memory; None when it lived too shortly to be known by name."""
    who, about = (f"The program {name}", f"program:{name}") if name else ("A program", "program")
    summary = f"{who} was ended because {words.all_memory(limit_bytes)}."
    return Notice(about=about, kind="error", summary=summary, advice=_ADVICE)
