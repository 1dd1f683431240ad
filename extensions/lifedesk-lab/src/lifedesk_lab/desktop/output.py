"""The last lines of what a program says, kept while it runs."""

from __future__ import annotations

import asyncio
from collections import deque

_LINES = 30
_CHUNK_BYTES = 64 * 1024
_LINE_LENGTH = 400


class LastLines:
    """Reads a program's output to its end, whatever it prints, and keeps little of it; `reading` is done there."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._rest = ""
        self.reading = asyncio.create_task(self._read(stream))

    async def after_end(self) -> str:
        """What there is once the program has ended: children of it may hold its output open."""
        await asyncio.wait([self.reading], timeout=0.3)
        return self.text()

    def text(self) -> str:
        """The lines so far."""
        return "\n".join([*self._lines, *([self._rest[:_LINE_LENGTH]] if self._rest else [])])

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(_CHUNK_BYTES):
            *lines, rest = (self._rest + chunk.decode("utf-8", "replace")).split("\n")
            self._lines.extend(line[:_LINE_LENGTH].rstrip() for line in lines if line.strip())
            self._rest = rest[-_LINE_LENGTH:]
