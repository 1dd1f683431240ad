"""The homes of deleted people: kept for a while, then removed, with a receipt for each.

A home due for removal is a small file in a folder of the state directory. Somebody who comes back in time starts
a session, which takes the file away again.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import docker
import docker.errors

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
        note = self.folder / f"{volume}.json"
        if note.exists():
            note.unlink(missing_ok=True)
            log.info("Home %s: its owner is back, removal taken back", volume)

    def due(self, now: float) -> list[str]:
        """The volumes whose grace period is over."""
        notes = [json.loads(note.read_text()) for note in sorted(self.folder.glob("*.json"))]
        return [note["volume"] for note in notes if note["due_at"] <= now]

    def remove_due(self, engine: docker.DockerClient, now: float) -> list[str]:
        """Remove the homes that are due, a receipt line in the log for each; returns the volumes removed.

        A volume still in use stays for the next round.
        """
        removed = []
        for volume in self.due(now):
            try:
                engine.volumes.get(volume).remove()
            except docker.errors.NotFound:
                log.info("Home %s: nothing left to remove", volume)
            except docker.errors.APIError as error:
                log.warning("Home %s: not removed, next try in a minute (%s)", volume, error.explanation or error)
                continue
            else:
                log.info("Receipt: home %s removed for good", volume)
                removed.append(volume)
            (self.folder / f"{volume}.json").unlink(missing_ok=True)
        return removed
