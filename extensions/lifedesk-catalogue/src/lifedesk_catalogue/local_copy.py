"""Bring one file from the site's own disk: shared blocks where the file system can (reflink), else a copy."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from lifedesk_catalogue.errors import ChecksumMismatch, PullCancelled, PullFailed
from lifedesk_catalogue.model import File
from lifedesk_catalogue.part import READ_BYTES, Part, Version
from lifedesk_catalogue.transfer import Fetched, check

_FICLONE = 0x40049409  # linux/fs.h


def copy_local(file: File, part: Part, stop: threading.Event, on_bytes: Callable[[int], None]) -> Fetched:
    """Fill `part` from the `file:` address, continuing an earlier copy of the same version. Blocks.

    Raises `PullFailed` (gone, unreadable, changed), `ChecksumMismatch`, `PullCancelled` when `stop` is set, and
    `OSError` of the target.
    """
    path = unquote(urlsplit(file.url).path)
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise PullFailed(f"{file.name!r} cannot be read on this site any more ({error.strerror}).") from error
    try:
        version = _version(source)
        size = version.size_bytes or 0
        if file.size_bytes is not None and file.size_bytes != size:
            raise PullFailed(
                f"{file.name!r} has {size} bytes on this site, where {file.size_bytes} were announced: it changed, or "
                "its description is wrong. Pull again; if it happens again, tell whoever runs this node."
            )
        if part.version != version:
            part.reset()
            part.version = version
        on_bytes(part.bytes_done)
        if part.bytes_done == 0 and _share_blocks(source, part.descriptor()):
            part.note(0, size)
            on_bytes(size)
        _copy(source, part, size, stop, on_bytes, file.name)
        if _version(source) != version:
            _throw_away(part, on_bytes)
            raise PullFailed(f"{file.name!r} changed on this site while it was copied. Pull again.")
    finally:
        os.close(source)
    try:
        digests, level = check(part, file, None, size_announced=True)
    except ChecksumMismatch:
        _throw_away(part, on_bytes)
        raise
    return Fetched(size, digests["sha256"], level, None)


def _copy(
    source: int, part: Part, size: int, stop: threading.Event, on_bytes: Callable[[int], None], name: str
) -> None:
    for start, end in part.missing(size, READ_BYTES):
        if stop.is_set():
            raise PullCancelled(f"Stopped while copying {name!r}.")
        data = os.pread(source, end - start, start)
        if len(data) != end - start:
            raise PullFailed(f"{name!r} became shorter on this site while it was copied. Pull again.")
        part.write(start, data)
        part.digest_leading()
        on_bytes(len(data))


def _throw_away(part: Part, on_bytes: Callable[[int], None]) -> None:
    on_bytes(-part.bytes_done)
    part.reset()


def _share_blocks(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:  # another file system, or one that cannot share blocks
        return False
    return True


def _version(descriptor: int) -> Version:
    facts = os.fstat(descriptor)
    return Version(facts.st_size, f'"{facts.st_ino}-{facts.st_mtime_ns}"')
