"""The homes of deleted people: kept for a while, then removed, with a receipt for each.

A home due for removal is a small file in a folder of the state directory. Somebody who comes back in time starts
a session, which takes the file away again.
"""

from __future__ import annotations

import json
import logging
import math
import time
from pathlib import Path

log = logging.getLogger("lifedesk.homes")


class Homes:
    """Homes waiting for their removal, kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def remove_later(self, volume: str, grace_seconds: float) -> None:
        """Note that `volume` is to be removed when the grace period is over."""
        self.folder.mkdir(parents=True, exist_ok=True)
        note = self.folder / f"{volume}.json"
        part = note.with_suffix(".part")
        now = time.time()
        part.write_text(json.dumps({"volume": volume, "asked_at": now, "due_at": now + grace_seconds}))
        part.replace(note)
        log.info("Home %s: removal asked for, due in %.0f s", volume, grace_seconds)

    def keep(self, volume: str) -> None:
        """Take a waiting removal back; nothing happens if there is none."""
        if (self.folder / f"{volume}.json").exists():
            self.forget(volume)
            log.info("Home %s: its owner is back, removal taken back", volume)

    def due(self, now: float) -> list[str]:
        """The volumes whose grace period is over; a note that cannot be read is logged, and its home kept."""
        return [note.stem for note in sorted(self.folder.glob("*.json")) if _due_at(note) <= now]

    def forget(self, volume: str) -> None:
        """The removal is done."""
        (self.folder / f"{volume}.json").unlink(missing_ok=True)


def _due_at(note: Path) -> float:
    try:
        return float(json.loads(note.read_text(encoding="utf-8"))["due_at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("Home %s: kept, for its note %s cannot be read (%s)", note.stem, note, error)
        return math.inf
