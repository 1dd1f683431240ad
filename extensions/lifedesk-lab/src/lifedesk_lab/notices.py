"""What the session has to tell its user: a board that any module posts to and every open page shows.

A notice stays on the board until the user dismisses it, the poster withdraws it, or the session stops. Posting again
with the same `about` replaces what stood there: one subject, one notice. Use the board from the server's own thread.
Only the standard library is needed here: this is loaded when a session starts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["info", "success", "warning", "error"]
"""The kinds of JupyterLab's notifications."""
_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing that happened, and what to do about it, in plain words without markup."""

    about: str
    """Its subject, such as `home` or `kernel:<id>`."""
    summary: str
    """What happened, in one sentence."""
    advice: str = ""
    """What it means and what to do; paragraphs end with a line feed."""
    kind: Kind = "info"
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Unique for each posting."""
    posted_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


Listener = Callable[[Notice], None]


class Board:
    """The notices that stand, oldest first, and who wants to hear of new ones."""

    def __init__(self) -> None:
        self._standing: dict[str, Notice] = {}
        self._on_post: list[Listener] = []
        self._on_removal: list[Listener] = []

    def post(self, notice: Notice) -> None:
        """Put `notice` up in place of the one with the same `about`; the oldest of more than 50 comes down."""
        self._standing.pop(notice.about, None)
        self._standing[notice.about] = notice
        while len(self._standing) > _MOST:
            del self._standing[next(iter(self._standing))]
        for listener in self._on_post:
            listener(notice)

    def withdraw(self, about: str) -> None:
        """Take down what stands about this subject, if anything does: it no longer holds."""
        if removed := self._standing.pop(about, None):
            for listener in self._on_removal:
                listener(removed)

    def dismiss(self, notice_id: str) -> bool:
        """Take down the notice with this id, the user has read it; whether it stood there."""
        found = [notice.about for notice in self._standing.values() if notice.id == notice_id]
        for about in found:
            self.withdraw(about)
        return bool(found)

    def standing(self) -> list[Notice]:
        """All notices that stand, oldest first."""
        return list(self._standing.values())

    def on_post(self, listener: Listener) -> None:
        """Call `listener` with each notice from now on."""
        self._on_post.append(listener)

    def on_removal(self, listener: Listener) -> None:
        """Call `listener` with each notice that is withdrawn or dismissed from now on."""
        self._on_removal.append(listener)


board = Board()
"""The session's board."""
post = board.post
withdraw = board.withdraw
