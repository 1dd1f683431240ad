"""A file that grows: which bytes are there, of which version of the source, and their digest."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from lifedesk_catalogue.state import NO_SPACE, write_all

READ_BYTES = 4 * 2**20
SAVE_SECONDS = 2.0
SPARED_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one version of a source from the next: size, ETag, modification time, as the source words them."""

    size_bytes: int | None
    etag: str | None = None
    modified: str | None = None

    @property
    def if_range(self) -> str | None:
        """The strong validator for an `If-Range` header; None when there is none and parts must not be joined."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified


class Part:
    """The growing file at `path`, with its state beside it. Survives a kill: bytes are noted after they are written.

    Methods that touch the disk block; call them in a thread. Several may write at once, each its own bytes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._notes = path.with_suffix(".json")
        self.version: Version | None = None
        self._done: list[tuple[int, int]] = []
        self._saved_at = time.monotonic()
        self._lock = threading.Lock()
        self._hashed = 0
        self._digests = {"sha256": hashlib.sha256()}
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        self._load()

    def _load(self) -> None:
        try:
            notes = json.loads(self._notes.read_text(encoding="utf-8"))
            self.version = Version(*notes["version"])
            self._done = [(int(start), int(end)) for start, end in notes["done"]]
        except (OSError, ValueError, TypeError, KeyError):
            self.version, self._done = None, []
        size = os.fstat(self._descriptor).st_size
        self._done = [(start, end) for start, end in self._done if 0 <= start < end <= size]

    @property
    def bytes_done(self) -> int:
        """How many bytes are there."""
        return sum(end - start for start, end in self._done)

    @property
    def leading_bytes(self) -> int:
        """How many bytes are there from the start on without a gap."""
        return self._done[0][1] if self._done and self._done[0][0] == 0 else 0

    def missing(self, total: int, piece_bytes: int) -> list[tuple[int, int]]:
        """The gaps up to `total`, cut into pieces of at most `piece_bytes`."""
        gaps, position = [], 0
        for start, end in [*self._done, (total, total)]:
            while position < start:
                gaps.append((position, min(position + piece_bytes, start)))
                position = gaps[-1][1]
            position = max(position, end)
        return gaps

    def reset(self) -> None:
        """Forget every byte: the source has another version, or cannot give the rest."""
        self.version, self._done, self._hashed = None, [], 0
        self._digests = {name: hashlib.new(name) for name in self._digests}
        self._notes.unlink(missing_ok=True)
        os.ftruncate(self._descriptor, 0)

    def write(self, offset: int, data: bytes | bytearray) -> None:
        """Put bytes in their place and note them, durably every few seconds."""
        write_all(self._descriptor, memoryview(data), offset)
        self.note(offset, offset + len(data))
        if time.monotonic() - self._saved_at > SAVE_SECONDS:
            self.save()

    def note(self, start: int, end: int) -> None:
        """The bytes from `start` to `end` are in the file."""
        with self._lock:
            joined: list[tuple[int, int]] = []
            for first, last in sorted([*self._done, (start, end)]):
                if joined and first <= joined[-1][1]:
                    joined[-1] = (joined[-1][0], max(joined[-1][1], last))
                else:
                    joined.append((first, last))
            self._done = joined

    def save(self) -> None:
        """Make the bytes durable, then the note of them, so that the note never promises too much."""
        with self._lock:
            self._saved_at = time.monotonic()
            if self.version is None:
                return
            os.fdatasync(self._descriptor)
            version = [self.version.size_bytes, self.version.etag, self.version.modified]
            fresh = self._notes.with_suffix(".new")
            fresh.write_text(json.dumps({"version": version, "done": self._done}), encoding="utf-8")
            fresh.replace(self._notes)

    def want_digest(self, algorithm: str) -> None:
        """Compute this digest too. Raises `ValueError` for an unknown algorithm."""
        if algorithm not in self._digests:
            self._digests[algorithm] = hashlib.new(algorithm)
            self._hashed, self._digests = 0, {name: hashlib.new(name) for name in self._digests}

    def digest_leading(self) -> None:
        """Digest what has become whole since the last call."""
        while (length := min(self.leading_bytes - self._hashed, READ_BYTES)) > 0:
            data = os.pread(self._descriptor, length, self._hashed)
            if not data:
                raise OSError(5, "the file is shorter than what was written to it", str(self.path))
            for digest in self._digests.values():
                digest.update(data)
            self._hashed += len(data)

    def digests(self) -> dict[str, str]:
        """Hex digests of the whole file, by algorithm."""
        self.digest_leading()
        return {name: digest.hexdigest() for name, digest in self._digests.items()}

    def finish(self, target: Path, size_bytes: int) -> None:
        """Give the file its final name, durably."""
        os.ftruncate(self._descriptor, size_bytes)
        os.fsync(self._descriptor)
        self.path.replace(target)
        self._notes.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the file and its notes."""
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)
        self.version, self._done = None, []

    def save_if_unfinished(self) -> None:
        """Note what is there, unless the file has its final name or nothing worth keeping arrived."""
        if self.path.exists():
            if not self._done or self.version is None:
                return self.discard()
            try:
                self.save()
            except OSError as error:
                if error.errno not in NO_SPACE:
                    raise
                self._give_back()
                self.save()
        return None

    def _give_back(self) -> None:
        """Free a little of a full disk, so that the rest can be noted."""
        keep = max(0, max(end for _, end in self._done) - SPARED_BYTES)
        self._done = [(start, min(end, keep)) for start, end in self._done if start < keep]
        os.ftruncate(self._descriptor, keep)

    def descriptor(self) -> int:
        """The open file, for copying into it."""
        return self._descriptor

    def close(self) -> None:
        """Close the file; it stays for the next pull unless it was finished."""
        os.close(self._descriptor)
