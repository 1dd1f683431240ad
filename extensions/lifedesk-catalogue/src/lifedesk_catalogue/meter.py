"""Count what a pull brings and tell it onwards, steadily, whatever happens meanwhile."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress, State

WINDOW_SECONDS = 5.0


class Meter:
    """The counters of one pull; used from its event loop only."""

    def __init__(self, plan: Plan, on_progress: Callable[[Progress], None] | None) -> None:
        self._on_progress = on_progress
        self._files_total = len(plan.files)
        self._sizes = {file.name: file.size_bytes for file in plan.files}
        self._files_done = len(plan.complete)
        self._bytes_done = sum(self._sizes[name] or 0 for name in plan.complete)
        self._samples: deque[tuple[float, int]] = deque([(time.monotonic(), self._bytes_done)])
        self._arrived_at = time.monotonic()
        self._file: str | None = None
        self._message: str | None = None
        self._state: State = "starting"

    def add(self, count: int, name: str) -> None:
        """So many bytes arrived for a file; negative when they had to be thrown away."""
        self._bytes_done += count
        self._file = name
        if count > 0:
            self._state, self._message = "transferring", None
            self._arrived_at = time.monotonic()

    def size_found(self, name: str, size_bytes: int) -> None:
        """The source told a size that the archive had not."""
        self._sizes[name] = size_bytes

    def file_done(self) -> None:
        """A file has its final name."""
        self._files_done += 1

    def waits(self, reason: str, seconds: float) -> None:
        """Nothing arrives for a while, for this reason."""
        if time.monotonic() - self._arrived_at > 1 or self._state != "transferring":
            self._state = "retrying"
        self._message = f"{reason} Trying again in {max(seconds, 1):.0f} s."

    def describing(self) -> None:
        """Every file is there; the crate is being written."""
        self._state, self._message = "checking", None

    def says(self, state: State, message: str | None = None) -> None:
        """Tell a state at once."""
        self._state, self._message = state, message
        self.tell()

    def tell(self) -> None:
        """Hand the present moment to whoever listens."""
        now = time.monotonic()
        self._samples.append((now, self._bytes_done))
        while len(self._samples) > 2 and now - self._samples[0][0] > WINDOW_SECONDS:
            self._samples.popleft()
        if self._on_progress is None:
            return
        began, bytes_then = self._samples[0]
        rate = max(0.0, (self._bytes_done - bytes_then) / (now - began)) if now > began else 0.0
        known = [size for size in self._sizes.values() if size is not None]
        total = sum(known) if len(known) == len(self._sizes) else None
        left = total - self._bytes_done if total is not None else None
        self._on_progress(
            Progress(
                state=self._state,
                files_done=self._files_done,
                files_total=self._files_total,
                bytes_done=max(0, self._bytes_done),
                bytes_total=total,
                bytes_per_second=rate,
                eta_seconds=left / rate if left is not None and rate > 0 else None,
                file=self._file,
                message=self._message or self._silence(now),
            )
        )

    def _silence(self, now: float) -> str | None:
        quiet = now - self._arrived_at
        if self._state == "transferring" and quiet > 5:
            return f"Nothing has arrived for {quiet:.0f} s; still waiting."
        return None
