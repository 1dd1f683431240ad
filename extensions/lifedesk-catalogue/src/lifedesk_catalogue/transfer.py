"""Bring one file over HTTP, resumed and in parallel ranges.

HTTP as in RFC 9110: ranges are asked for with `If-Range`, so a source that changed answers with the whole new file;
a source that ignores ranges answers 200 and is read from the start.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from lifedesk_catalogue.errors import ArchiveUnavailable, ChecksumMismatch, PullFailed
from lifedesk_catalogue.memory_part import MemoryPart
from lifedesk_catalogue.meter import Meter
from lifedesk_catalogue.model import ChecksumLevel, File
from lifedesk_catalogue.part import Part, Version
from lifedesk_catalogue.running import in_thread
from lifedesk_catalogue.transport import StatusError, Transport, pause_seconds

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")
PIECE_BYTES = 16 * 2**20
PIECES_AT_ONCE = 8
BIG_BYTES = 2 * PIECE_BYTES
"""From this size on, a file is fetched in several ranges at once."""
WRITE_BYTES = 2**20
_MD5_ETAG = re.compile(r'"([0-9a-f]{32})"')
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class SourceChanged(ArchiveUnavailable):
    """The source has another version than the bytes that are here; they were thrown away."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file whose bytes are all in its part, checked as well as the source allows."""

    size_bytes: int
    sha256: str
    level: ChecksumLevel
    etag: str | None


class HttpTransfer:
    """The transfer of one file into its part; `run` is called once."""

    def __init__(self, transport: Transport, file: File, part: Part | MemoryPart, meter: Meter) -> None:
        self._transport, self._file, self._part, self._meter = transport, file, part, meter
        self._ranges = True
        self._stale = False
        """The bytes here are of another version, or cannot be joined: throw them away before going on."""
        self._announced: int | None = None
        self._digesting = asyncio.Lock()

    async def run(self) -> Fetched | None:
        """Fetch until complete; None when an optional file does not exist.

        Raises `ArchiveUnavailable` after repeated faults, `PullFailed`, `ChecksumMismatch`, `OSError` of the disk.
        """
        self._meter.add(self._part.bytes_done, self._file.name)
        faults = 0
        while True:
            before = self._part.bytes_done
            try:
                await self._attempt()
                break
            except ArchiveUnavailable as error:
                if isinstance(error, StatusError) and error.status in (404, 410) and self._file.is_optional:
                    return None
                faults = 1 if self._part.bytes_done > before else faults + 1
                pause = 0.0 if isinstance(error, SourceChanged) and faults == 1 else self._pause(error, faults)
                await self._do(self._part.save)
                self._meter.waits(str(error), pause)
                await asyncio.sleep(pause)
        return await self._checked()

    def _pause(self, error: ArchiveUnavailable, faults: int) -> float:
        if isinstance(error, StatusError) and error.status == 416 and faults < self._transport.policy.attempts:
            return 0.0
        pause = pause_seconds(error, faults, self._transport.policy)
        if pause is None:
            raise error
        return pause

    async def _attempt(self) -> None:
        if self._stale:
            await self._start_over()
        total = self._announced or self._file.size_bytes
        if self._ranges and total is not None and total >= BIG_BYTES:
            await self._pieces(total)
        else:
            await self._stream(None)

    async def _stream(self, end: int | None) -> None:
        """Read on from where the leading bytes end, up to `end` if the source honours that."""
        part = self._part
        start = part.leading_bytes if self._ranges and part.version and part.version.if_range else 0
        if start == 0 and (part.bytes_done or part.version):
            await self._start_over()
        elif start and start == self._expected:
            return
        async with self._transport.open(self._file.url, self._headers(start, end)) as answer:
            if answer.status == 200:  # no part but the whole: it changed, or the source does not know ranges
                if start:
                    await self._start_over()
                self._ranges = self._ranges and not (start or end)
                start, end = 0, None
            self._check(answer, start)
            await self._receive(answer, start, end)
        if self._announced is None:
            self._announced = part.leading_bytes

    async def _pieces(self, total: int) -> None:
        """Fetch the missing ranges, several at once; what arrives is kept even if some of them fail."""
        part = self._part
        if part.version is None or part.version.if_range is None:  # the first range tells whether ranges work
            await self._stream(PIECE_BYTES)
            if part.version is None or part.version.if_range is None or not self._ranges:
                self._ranges = False
                return await self._stream(None) if part.leading_bytes != total else None
        gaps = part.missing(total, PIECE_BYTES)

        async def work() -> None:
            while gaps and not self._stale:
                await self._piece(*gaps.pop(0))

        results = await asyncio.gather(*(work() for _ in range(PIECES_AT_ONCE)), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return None

    async def _piece(self, start: int, end: int) -> None:
        async with self._transport.open(self._file.url, self._headers(start, end)) as answer:
            if answer.status == 200:
                known = self._part.version
                self._ranges = known is not None and _version(answer.headers).if_range != known.if_range
                self._stale = True
                raise SourceChanged(f"{self._file.name} came whole instead of in parts; starting it anew.")
            self._check(answer, start)
            await self._receive(answer, start, end)

    async def _receive(self, answer: aiohttp.ClientResponse, start: int, end: int | None) -> None:
        """Write the body from `start` on; with `end`, exactly up to there."""
        limit = end if end is not None else self._announced
        position, waiting = start, bytearray()
        async for piece in answer.content.iter_any():
            if limit is not None and position + len(waiting) + len(piece) > limit:
                raise PullFailed(
                    f"The archive sent more of {self._file.name!r} than it had announced. Tell the archive."
                )
            waiting += piece
            self._meter.add(len(piece), self._file.name)
            if len(waiting) >= WRITE_BYTES:
                await self._write(position, waiting)
                position, waiting = position + len(waiting), bytearray()
        if waiting:
            await self._write(position, waiting)
        position += len(waiting)
        if limit is not None and position != limit:
            raise ArchiveUnavailable(f"The archive stopped before the end of {self._file.name!r}.")

    async def _write(self, position: int, data: bytearray) -> None:
        await self._do(self._part.write, position, data)
        if not self._digesting.locked():
            async with self._digesting:
                await self._do(self._part.digest_leading)

    async def _start_over(self) -> None:
        self._meter.add(-self._part.bytes_done, self._file.name)
        async with self._digesting:
            await self._do(self._part.reset)
        self._announced, self._stale = None, False

    async def _do(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a method of the part: in a thread if it may wait for the disk."""
        if isinstance(self._part, MemoryPart):
            return function(*arguments)
        return await in_thread(function, *arguments)

    @property
    def _expected(self) -> int | None:
        version = self._part.version
        return version.size_bytes if version else self._file.size_bytes

    def _headers(self, start: int, end: int | None) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if start or end:
            headers["Range"] = f"bytes={start}-{end - 1 if end else ''}"
            if self._part.version and self._part.version.if_range:
                headers["If-Range"] = self._part.version.if_range
        return headers

    def _check(self, answer: aiohttp.ClientResponse, start: int) -> None:
        """Hold the answer against what is known; note its version. Raises before a byte is written."""
        name, listed = self._file.name, self._file.size_bytes
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise PullFailed(f"The archive sends {name!r} compressed though asked not to; it is not stored like that.")
        version = _version(answer.headers)
        if answer.status == 206:
            found = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if not found or int(found[1]) != start:
                self._ranges = False
                raise ArchiveUnavailable(f"The archive sent another part of {name!r} than asked for.")
        total = version.size_bytes
        if listed is not None and total is not None and total != listed:
            if answer.content_type == "text/html":
                raise ArchiveUnavailable(f"The archive sent a web page instead of {name!r}.")
            raise PullFailed(
                f"The archive lists {name!r} with {listed} bytes but serves {total}. Pull the other files, "
                "and tell the archive."
            )
        if answer.content_type == "text/html" and listed is None and not name.lower().endswith((".html", ".htm")):
            raise ArchiveUnavailable(f"The archive sent a web page instead of {name!r}.")
        known = self._part.version
        if known is not None and known != version:
            self._stale = True
            raise SourceChanged(f"{name} changed in the archive; starting it anew.")
        self._part.version = version
        if _MD5_ETAG.fullmatch(version.etag or ""):
            self._part.want_digest("md5")
        self._announced = total if total is not None else listed
        if listed is None and total is not None:
            self._meter.size_found(name, total)

    async def _checked(self) -> Fetched:
        part, file = self._part, self._file
        size = part.leading_bytes
        if file.size_bytes is not None and size != file.size_bytes:
            await self._start_over()
            raise PullFailed(
                f"{file.name!r} has {size} bytes where the archive lists {file.size_bytes}. Tell the archive."
            )
        etag = part.version.etag if part.version else None
        if file.size_bytes is None:
            self._meter.size_found(file.name, size)
        announced = file.size_bytes is not None or self._announced is not None
        try:
            digests, level = await self._do(check, part, file, etag, announced)
        except ChecksumMismatch:
            await self._start_over()
            raise
        return Fetched(size, digests["sha256"], level, etag)


def check(
    part: Part | MemoryPart, file: File, etag: str | None, size_announced: bool
) -> tuple[Mapping[str, str], ChecksumLevel]:
    """Digests of the whole part and how well they were checked. Raises `ChecksumMismatch`."""
    md5 = _MD5_ETAG.fullmatch(etag or "")
    digests = part.digests()
    if file.checksum and (computed := digests.get(file.checksum.algorithm)):
        if computed != file.checksum.hexdigest:
            raise ChecksumMismatch(
                f"{file.name!r} arrived with other bytes than the archive published "
                f"({file.checksum.algorithm} differs); it was thrown away. "
                "Pull again; if it happens again, tell the archive."
            )
        return digests, "published"
    if md5 and digests.get("md5") == md5[1]:
        return digests, "etag-md5"
    return digests, "size-only" if size_announced else "none"


def _version(headers: Mapping[str, str]) -> Version:
    ranged = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", ""))
    length = (ranged[3] if ranged else headers.get("Content-Length")) or ""
    return Version(int(length) if length.isdigit() else None, headers.get("ETag"), headers.get("Last-Modified"))
