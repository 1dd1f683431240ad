"""A slow line: a TCP relay on this machine that carries so many bits a second, each so much later.

In front of the server it shapes WebSockets for certain, which Chromium's own emulation does not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_PIECE_BYTES = 4096
_BUFFERED_SECONDS = 0.06


@dataclass(frozen=True)
class Line:
    """Rate in Mbit/s each way, and the time there and back in milliseconds."""

    megabits: float
    round_trip_ms: float


@dataclass
class _Way:
    """One direction of the line, which all connections share: when it is free again, by the loop's clock."""

    line: Line
    free_at: float = 0.0

    def carry(self, size_bytes: int, now: float) -> float:
        """When the last of so many bytes leaves the line."""
        self.free_at = max(self.free_at, now) + size_bytes * 8 / (self.line.megabits * 1e6)
        return self.free_at


@contextmanager
def slow_line(line: Line, host: str, port: int) -> Iterator[str]:
    """`host:port` of a relay to that server over `line`, while this lasts."""
    ready: list[int] = []
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    ways = _Way(line), _Way(line)

    async def serve() -> None:
        server = await asyncio.start_server(lambda r, w: _relay(r, w, ways, host, port), "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])
        started.set()
        await stopped.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    started.wait()
    try:
        yield f"127.0.0.1:{ready[0]}"
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ways: tuple[_Way, _Way], host: str, port: int
) -> None:
    with suppress(OSError, asyncio.CancelledError):
        far_reader, far_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(_carry(reader, far_writer, ways[0]), _carry(far_reader, writer, ways[1]))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Way) -> None:
    """Read no more than the line's buffer holds; each piece leaves when those before it have."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    delivery = asyncio.create_task(_deliver(pieces, writer))
    try:
        while data := await reader.read(_PIECE_BYTES):
            leaves_at = way.carry(len(data), loop.time())
            pieces.put_nowait((leaves_at + way.line.round_trip_ms / 2000, data))
            await asyncio.sleep(max(0.0, leaves_at - loop.time() - _BUFFERED_SECONDS))
    finally:
        pieces.put_nowait((0.0, b""))
        with suppress(OSError, asyncio.CancelledError):
            await delivery


async def _deliver(pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    try:
        while True:
            at, data = await pieces.get()
            if not data:
                return
            await asyncio.sleep(max(0.0, at - loop.time()))
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
