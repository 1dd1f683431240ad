"""The session's memory as the kernel of the machine accounts it: the limit, and how often it ended a process for it.

Sources: "oom_kill" in memory.events and memory.max (cgroup v2), in memory.oom_control and memory.limit_in_bytes (v1).
https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_UNLIMITED_BYTES = 1 << 60  # v1 writes "no limit" as the largest number of whole pages


@dataclass(frozen=True)
class Memory:
    """Where the two numbers are read."""

    events: Path
    limit: Path

    def kills(self) -> int:
        """How many processes were ended because the limit was reached, since the session began."""
        for line in self.events.read_text(encoding="ascii").splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
        return 0

    def limit_bytes(self) -> int | None:
        """How much the session may use; None when there is no limit."""
        text = self.limit.read_text(encoding="ascii").strip()
        limit = _UNLIMITED_BYTES if text == "max" else int(text)
        return limit if limit < _UNLIMITED_BYTES else None


def find_memory(root: Path = ROOT) -> Memory | None:
    """The session's own accounting; None where it cannot be seen, as outside of a container."""
    for events, limit in (
        (root / "memory.events", root / "memory.max"),
        (root / "memory/memory.oom_control", root / "memory/memory.limit_in_bytes"),
    ):
        if events.is_file() and limit.is_file():
            return Memory(events, limit)
    return None
