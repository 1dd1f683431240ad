"""The audit log: one JSON object per line; who got in, who was refused and why, whose groups changed.

People appear under the hub's name for them only, and no token is ever written.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)


class AuditLog:
    """Appends to one file, readable by its owner only; safe with log rotation that moves the file away."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: str, **fields: object) -> None:
        """Adds one line. A line that cannot be written is an error in the hub's log, not the end of a login."""
        entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
        line = json.dumps({key: value for key, value in entry.items() if value is not None})
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            log.error("The audit log %s cannot be written (%s): %s", self._path, error, line)

    def about(self, username: str) -> Iterator[dict[str, object]]:
        """The entries about one person, oldest first."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                entry = _entry(line) if username in line else {}
                if entry.get("user") == username:
                    yield entry


def _entry(line: str) -> dict[str, object]:
    """The line's object; empty for one that a full disk cut short."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
