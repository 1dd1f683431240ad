"""Which deaths the memory limit explains: the machine counts how many it caused, not whom it chose."""

from __future__ import annotations

from lifedesk_lab.watch.cgroup import Memory


class Ledger:
    """The machine's count of processes ended for memory, less those that somebody has been told of."""

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory
        self._told = memory.kills() if memory else 0

    def untold(self) -> int:
        """How many were ended that nobody has been told of."""
        return max(0, self._memory.kills() - self._told) if self._memory else 0

    def claim(self) -> bool:
        """Whether a death that was just found is one of these; it is none of the untold afterwards."""
        is_one = self.untold() > 0
        self._told += is_one
        return is_one

    def limit_bytes(self) -> int | None:
        """How much memory the session may use, if there is a limit."""
        return self._memory.limit_bytes() if self._memory else None
