"""How far a pull is: the value `pull()` hands to `on_progress`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["starting", "transferring", "retrying", "checking", "complete", "cancelled", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a pull. Comes at least once a second, also while nothing arrives: a sign of life."""

    state: State
    files_done: int
    files_total: int
    bytes_done: int
    """Includes what earlier pulls had already brought."""
    bytes_total: int | None
    """None while the size of a remaining file is unknown."""
    bytes_per_second: float
    """Over the last few seconds."""
    eta_seconds: float | None
    """None when it cannot be told."""
    file: str | None = None
    """A file that is under way."""
    message: str | None = None
    """Why it waits or retries, as a sentence; None when all is well."""

    @property
    def fraction(self) -> float | None:
        """0 to 1, or None when the total is unknown."""
        if self.state == "complete":
            return 1.0
        return min(self.bytes_done / self.bytes_total, 1.0) if self.bytes_total else None
