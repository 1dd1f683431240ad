"""What a pull keeps in its target folder: a lock, the parts under way, and a record of each finished file.

All of it lies in `.lifedesk/` inside the target: `lock`, `parts/`, and `pulled.jsonl` with one JSON object a line.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from lifedesk_catalogue.errors import CatalogueError, DiskFull, PullFailed, PullInProgress
from lifedesk_catalogue.model import ChecksumLevel, File
from lifedesk_catalogue.names import OWN_FOLDER

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One finished file: what was fetched, from where, when (UTC, ISO 8601), and how well it was checked."""

    dataset: str
    """Archive and accession, as `archive/accession`."""
    name: str
    url: str
    at: str
    size_bytes: int = 0
    sha256: str = ""
    level: ChecksumLevel = "none"
    etag: str | None = None
    published: str | None = None
    """The checksum it was compared with, as `algorithm:hex`."""
    absent: bool = False
    """The archive has none: a Zarr chunk of fill value."""


def records_in(into: Path) -> dict[str, Record]:
    """Records by name; a line cut short by a crash is passed over."""
    found: dict[str, Record] = {}
    try:
        text = (into / OWN_FOLDER / "pulled.jsonl").read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return found
    for line in text.splitlines():
        try:
            record = Record(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[record.name] = record
    return found


def is_complete(file: File, record: Record | None, into: Path) -> bool:
    """Whether the file lies there as an earlier pull recorded it, and the archive still announces the same one."""
    if record is None or record.url != file.url:
        return False
    if record.absent:
        return file.is_optional
    if file.size_bytes is not None and file.size_bytes != record.size_bytes:
        return False
    if file.checksum and record.published != f"{file.checksum.algorithm}:{file.checksum.hexdigest}":
        return False
    path = into / file.name
    try:
        return not path.is_symlink() and path.is_file() and path.stat().st_size == record.size_bytes
    except OSError:
        return False


def part_path(into: Path, name: str) -> Path:
    """Where the file called `name` grows until it is whole."""
    return into / OWN_FOLDER / "parts" / f"{hashlib.sha256(name.encode()).hexdigest()[:40]}.part"


class Journal:
    """The open `pulled.jsonl`, for as long as the folder's lock is held."""

    def __init__(self, into: Path, records: dict[str, Record]) -> None:
        self.records = records
        self._descriptor = os.open(into / OWN_FOLDER / "pulled.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        if end and os.pread(self._descriptor, 1, end - 1) != b"\n":
            os.write(self._descriptor, b"\n")  # a crash cut the last line; keep the next one whole

    def add(self, record: Record) -> None:
        """Note a finished file."""
        line = json.dumps({key: value for key, value in asdict(record).items() if value is not None}) + "\n"
        write_all(self._descriptor, line.encode(), None)
        self.records[record.name] = record

    def close(self) -> None:
        """Make the records durable."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)


@contextmanager
def locked(into: Path) -> Iterator[Journal]:
    """The folder, made if need be, for this process alone. Raises `PullInProgress`, `PullFailed`, `DiskFull`."""
    with failing_clearly(into):
        (into / OWN_FOLDER / "parts").mkdir(parents=True, exist_ok=True)
        lock = os.open(into / OWN_FOLDER / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(lock, 200, 0).decode("utf-8", "replace").strip()
            raise PullInProgress(
                f"Another pull is writing to {into}{f' ({holder})' if holder else ''}. Wait for it, cancel it, or "
                "choose another folder."
            ) from error
        with failing_clearly(into):
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
            journal = Journal(into, records_in(into))
        try:
            yield journal
        finally:
            with failing_clearly(into):
                journal.close()
    finally:
        os.close(lock)


@contextmanager
def failing_clearly(into: Path) -> Iterator[None]:
    """Turn the file system's refusals into sentences."""
    try:
        yield
    except CatalogueError:
        raise
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DiskFull(
                f"There is no space left in {into}. What arrived is kept; free some space and pull again to continue."
            ) from error
        raise PullFailed(f"{error.filename or into} cannot be written: {error.strerror or error}.") from error


def sync_folders(folders: set[Path]) -> None:
    """Make the names in these folders durable."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(descriptor: int, data: bytes | memoryview, offset: int | None) -> None:
    """Write every byte: at `offset`, or at the end for a descriptor opened to append."""
    view = memoryview(data)
    while view:
        written = os.write(descriptor, view) if offset is None else os.pwrite(descriptor, view, offset)
        view = view[written:]
        offset = None if offset is None else offset + written
