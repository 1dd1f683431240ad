"""A small file that grows in memory: written once, when it is whole. Saves most of the work of many small files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lifedesk_catalogue.part import Version
from lifedesk_catalogue.state import write_all

LARGEST_BYTES = 2 * 2**20
"""A file that becomes larger goes to disk instead."""


class TooLarge(Exception):
    """The file does not fit in memory as was thought; fetch it into a `Part`."""


class MemoryPart:
    """Like `Part`, without its resume: what is lost by a crash is less than a request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.version: Version | None = None
        self._bytes = bytearray()
        self._algorithms = {"sha256"}

    @property
    def bytes_done(self) -> int:
        """How many bytes are there."""
        return len(self._bytes)

    @property
    def leading_bytes(self) -> int:
        """The same: a small file comes from its start on."""
        return len(self._bytes)

    def missing(self, total: int, piece_bytes: int) -> list[tuple[int, int]]:
        """What lacks up to `total`, in one piece."""
        return [(len(self._bytes), total)] if total > len(self._bytes) else []

    def reset(self) -> None:
        """Forget every byte."""
        self.version, self._bytes = None, bytearray()

    def write(self, offset: int, data: bytes | bytearray) -> None:
        """Put bytes in their place. Raises `TooLarge`."""
        if offset + len(data) > LARGEST_BYTES:
            raise TooLarge
        self._bytes[offset : offset + len(data)] = data

    def save(self) -> None:
        """Nothing: it is not kept."""

    def want_digest(self, algorithm: str) -> None:
        """Compute this digest too. Raises `ValueError` for an unknown algorithm."""
        hashlib.new(algorithm)
        self._algorithms.add(algorithm)

    def digest_leading(self) -> None:
        """Nothing: so few bytes are digested at the end."""

    def digests(self) -> dict[str, str]:
        """Hex digests of the whole file, by algorithm."""
        return {name: hashlib.new(name, self._bytes).hexdigest() for name in self._algorithms}

    def finish(self, target: Path, size_bytes: int) -> None:
        """Write the file and give it its final name, durably. Blocks."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            write_all(descriptor, bytes(self._bytes[:size_bytes]), 0)
            os.fsync(descriptor)
        except OSError:
            self.path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        self.path.replace(target)

    def discard(self) -> None:
        """Forget it."""
        self.reset()

    def save_if_unfinished(self) -> None:
        """Nothing: it is not kept."""

    def close(self) -> None:
        """Nothing: there is no open file."""
