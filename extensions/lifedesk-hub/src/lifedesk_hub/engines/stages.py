"""The stages of a starting session, as the pending page shows them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """What a starting session waits for, in order; at the end one of `lab` and `desktop`."""

    IMAGE = "image"
    CONTAINER = "container"
    SERVER = "server"
    LAB = "lab"
    DESKTOP = "desktop"


_SHOWN = {
    Stage.IMAGE: (5, "Looking for the environment's image"),
    Stage.CONTAINER: (20, "Making your container"),
    Stage.SERVER: (45, "Starting your server in it"),
    Stage.LAB: (85, "Opening JupyterLab"),
    Stage.DESKTOP: (85, "Opening the desktop"),
}


@dataclass
class StageLog:
    """The stages reached so far, to be followed by any number of pages at once."""

    started: float = field(default_factory=time.monotonic)
    reached: list[tuple[Stage, float]] = field(default_factory=list)
    is_over: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def enter(self, stage: Stage) -> None:
        """Note that `stage` begins now."""
        self.reached.append((stage, time.monotonic() - self.started))
        self._wake()

    def close(self) -> None:
        """Note that nothing follows."""
        self.is_over = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self) -> AsyncIterator[dict[str, object]]:
        """Events of JupyterHub's progress API: progress in percent, message, stage, elapsed_seconds."""
        shown = 0
        while True:
            changed = self._changed
            for stage, elapsed in self.reached[shown:]:
                progress, message = _SHOWN[stage]
                yield {
                    "progress": progress,
                    "message": message,
                    "stage": stage.value,
                    "elapsed_seconds": round(elapsed, 2),
                }
                shown += 1
            if self.is_over:
                return
            await changed.wait()
