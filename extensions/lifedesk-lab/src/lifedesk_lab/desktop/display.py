"""The display: one display server with its window manager, started when it is wanted and again when it is gone."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lifedesk_lab.desktop import leftovers, settings
from lifedesk_lab.desktop.errors import DesktopNotStarted, NoDesktop
from lifedesk_lab.desktop.menu import write_menu
from lifedesk_lab.desktop.output import LastLines
from lifedesk_lab.desktop.settings import Geometry

READY_SECONDS = 30.0
_WINDOW_MANAGER_STARTS = 20

log = logging.getLogger("lifedesk_lab.desktop")


@dataclass(frozen=True)
class Running:
    """A display that runs: its mark, and the environment of programs in it."""

    mark: str
    environment: Mapping[str, str]
    server: asyncio.subprocess.Process
    output: LastLines


class Display:
    """The session's display; at most one runs at a time."""

    def __init__(self, environment: Mapping[str, str], on_lost: Callable[[bool], None]) -> None:
        """`on_lost` is called when the display server ends unasked, and told whether it was killed."""
        self.socket = settings.RUN_DIR / "rfb"
        self.on_start: Callable[[], Awaitable[object]] | None = None
        self._environment = environment
        self._on_lost = on_lost
        self._running: Running | None = None
        self._starting = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> Running | None:
        """The display that runs now, if one does."""
        return self._running

    async def start(self, geometry: Geometry | None = None) -> Running:
        """The running display; one of `geometry` is started if there is none.

        Raises `NoDesktop` in an image without, `DesktopNotStarted` with a reason.
        """
        async with self._starting:
            if self._running is None:
                self._running = await self._start((geometry or Geometry()).within_limits())
            return self._running

    async def set_keyboard(self, layout: str, variant: str) -> None:
        """Give the display a keyboard layout. Raises `ValueError` when xkb has none of that name."""
        running = await self.start()
        command = settings.keyboard_command(layout, variant)
        process = await asyncio.create_subprocess_exec(
            *command, env=running.environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, complaint = await process.communicate()
        if process.returncode:
            log.info("setxkbmap: %s", complaint.decode(errors="replace").strip())
            raise ValueError(f"There is no keyboard layout {layout!r} with variant {variant!r} in this environment.")

    async def _start(self, geometry: Geometry) -> Running:
        if not shutil.which(settings.DISPLAY_SERVER):
            raise NoDesktop("This environment has no desktop. Start one that has, from the hub's start page.")
        mark = uuid.uuid4().hex[:12]
        environment = settings.desktop_environment(self._environment, mark)
        await asyncio.to_thread(_prepare, settings.RUN_DIR)
        server, output, number = await self._start_server(geometry, environment)
        running = Running(mark, {**environment, "DISPLAY": f":{number}"}, server, output)
        try:
            await _start_bus(running.environment)
            if self.on_start:
                await self.on_start()
        except OSError as error:
            server.kill()
            raise DesktopNotStarted(f"The desktop did not start: {error}.") from error
        self._keep(self._watch(running))
        self._keep(_keep_window_manager(running))
        log.info("The desktop runs on display :%s", number)
        return running

    async def _start_server(
        self, geometry: Geometry, environment: Mapping[str, str]
    ) -> tuple[asyncio.subprocess.Process, LastLines, str]:
        ready, write_end = os.pipe()
        allowed = settings.clipboard(self._environment)
        command = settings.display_command(self.socket, write_end, geometry, allowed)
        try:
            server = await asyncio.create_subprocess_exec(
                *command,
                env=environment,
                pass_fds=[write_end],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        assert server.stdout
        output = LastLines(server.stdout)
        number = await _read_number(ready)
        if not number:
            with suppress(ProcessLookupError):
                server.kill()
            await server.wait()
            raise DesktopNotStarted(f"The desktop did not start.\n{await output.after_end()}".strip())
        return server, output, number

    async def _watch(self, running: Running) -> None:
        await running.server.wait()
        if self._running is not running:
            return
        self._running = None
        said = await running.output.after_end()
        log.warning("The display server ended with %s: %s", running.server.returncode, said)
        await _end_leftovers(running.mark)
        self._on_lost(running.server.returncode == -signal.SIGKILL)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _prepare(run_dir: Path) -> None:
    run_dir.mkdir(mode=0o700, exist_ok=True)
    run_dir.chmod(0o700)
    # X makes this folder only for root.
    Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
    write_menu(run_dir / "menu.xml")


async def _read_number(ready: int) -> str:
    """What the display server writes when it is ready: its display's number; nothing when it ends or is too slow."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(ready, "rb", 0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        async with asyncio.timeout(READY_SECONDS):
            return (await reader.readline()).decode().strip()
    except TimeoutError:
        return ""
    finally:
        transport.close()


async def _start_bus(environment: Mapping[str, str]) -> None:
    address = environment["DBUS_SESSION_BUS_ADDRESS"]
    Path(address.partition("=")[2]).unlink(missing_ok=True)
    await _start_quietly(["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"], environment)


async def _keep_window_manager(running: Running) -> None:
    """Without it windows cannot be moved: it is started again while the display server runs."""
    for _ in range(_WINDOW_MANAGER_STARTS):
        process = await _start_quietly(settings.WINDOW_MANAGER, running.environment)
        await process.wait()
        if running.server.returncode is not None:
            return
        log.warning("The window manager ended with %s and is started again", process.returncode)
        await asyncio.sleep(0.2)


async def _start_quietly(
    command: list[str] | tuple[str, ...], environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=Path.home(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def _end_leftovers(mark: str) -> None:
    """First politely, then not: nothing of a lost desktop holds memory."""
    for with_signal, seconds in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 2.0)):
        deadline = asyncio.get_running_loop().time() + seconds
        leftovers.end_all(mark, with_signal)
        while list(leftovers.marked(mark)) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
