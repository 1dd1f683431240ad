"""How the desktop's menu and file manager start programs: `lifedesk-open` asks the session's server to.

So a program is watched in the same way wherever it was started. Request: slug and absolute path (or nothing), each
with a zero byte behind it. Answer: empty when the program was started, else a sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from lifedesk_lab.apps.errors import UnknownApp
from lifedesk_lab.apps.installed import InstalledApp, find_app
from lifedesk_lab.desktop.errors import DesktopError
from lifedesk_lab.desktop.programs import Programs

_LONGEST_REQUEST = 16 * 1024


async def serve(socket: Path, apps: Callable[[], Sequence[InstalledApp]], programs: Programs) -> asyncio.Server:
    """Listen on the unix `socket`, which only its owner can use."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.read(_LONGEST_REQUEST)
            writer.write((await _open(request, apps(), programs)).encode())
            await writer.drain()
        except OSError:
            pass  # who asked has gone
        finally:
            writer.close()

    socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(answer, socket)
    socket.chmod(0o600)
    return server


async def _open(request: bytes, apps: Sequence[InstalledApp], programs: Programs) -> str:
    slug, _, path = request.rstrip(b"\0").decode("utf-8", "surrogateescape").partition("\0")
    try:
        app = find_app(apps, slug)
    except UnknownApp as error:
        return str(error)
    try:
        await programs.open(app, Path(path) if path else None)
    except DesktopError as error:
        # Nobody looks at what the menu's command prints.
        summary, _, advice = str(error).partition("\n")
        programs.tell_failure(app, summary, advice)
        return str(error)
    return ""
