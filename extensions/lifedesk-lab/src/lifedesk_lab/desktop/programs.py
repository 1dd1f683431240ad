"""Starting an image's programs in the desktop, and telling the person when one of them fails."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from lifedesk_lab.apps.installed import InstalledApp
from lifedesk_lab.desktop.display import Display
from lifedesk_lab.desktop.errors import ProgramNotStarted
from lifedesk_lab.desktop.output import LastLines
from lifedesk_lab.desktop.settings import program_command
from lifedesk_lab.memory_score import with_raised_score
from lifedesk_lab.notices import Notice

AT_ONCE_SECONDS = 1.5
_ENDED_ON_PURPOSE = {0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, 128 + signal.SIGTERM, 128 + signal.SIGINT}
_REASONS = {
    -signal.SIGKILL: "It was ended from outside, most often because the session's memory was full. "
    "Close what you do not need, or start the session with more memory.",
    -signal.SIGSEGV: "It used memory that is not its own, which is a fault of the program.",
    -signal.SIGABRT: "It gave up by itself, which is a fault of the program or of the file it opened.",
}

log = logging.getLogger("lifedesk_lab.desktop")


class Programs:
    """Starts programs in a display and posts a notice about each that ends with an error."""

    def __init__(self, display: Display, post: Callable[[Notice], None]) -> None:
        self._display = display
        self._post = post
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, app: InstalledApp, path: Path | None) -> None:
        """Start `app`, with the file or folder at `path`; a desktop is started if there is none.

        Raises `DesktopError` when there can be none, when the program cannot be started, and when it ends with an
        error within `AT_ONCE_SECONDS`. Later it is a notice.
        """
        running = await self._display.start()
        argv = program_command(app.argv(str(path) if path else None), running.environment)
        if not shutil.which(argv[0], path=running.environment.get("PATH")):
            raise ProgramNotStarted(f"{app.title} cannot be started: {argv[0]!r} is not in this environment.")
        folder = path.parent if path else Path.home()
        try:
            process = await asyncio.create_subprocess_exec(
                *with_raised_score(argv),
                env=running.environment,
                cwd=folder if folder.is_dir() else Path.home(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramNotStarted(f"{app.title} cannot be started: {error.strerror}.") from error
        assert process.stdout
        output = LastLines(process.stdout)
        ended = asyncio.create_task(process.wait())
        await asyncio.wait([ended], timeout=AT_ONCE_SECONDS)
        if not ended.done():
            task = asyncio.create_task(self._watch(app, running.mark, ended, output))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif ended.result() not in _ENDED_ON_PURPOSE:
            said = await output.after_end()
            log.warning("%s ended at once with %s: %s", app.slug, ended.result(), said)
            raise ProgramNotStarted(f"{_ending(app, ended.result())}\n{_advice(ended.result(), said)}".strip())

    async def _watch(self, app: InstalledApp, mark: str, ended: asyncio.Task[int], output: LastLines) -> None:
        returned = await ended
        running = self._display.running
        said = await output.after_end()
        if returned in _ENDED_ON_PURPOSE or running is None or running.mark != mark:
            return  # closed by its person, or lost with its desktop, of which they are told
        log.warning("%s ended with %s: %s", app.slug, returned, said)
        self.tell_failure(app, _ending(app, returned), _advice(returned, said))

    def tell_failure(self, app: InstalledApp, summary: str, advice: str) -> None:
        """Post the notice that `app` failed."""
        self._post(Notice(about=f"app:{app.slug}", kind="error", summary=summary, advice=advice))


def _ending(app: InstalledApp, returned: int) -> str:
    if returned < 0:
        return f"{app.title} ended unexpectedly (signal {signal.Signals(-returned).name})."
    return f"{app.title} ended with an error (status {returned})."


def _advice(returned: int, said: str) -> str:
    last = f"Its last lines:\n{said}" if said else "It said nothing before it ended."
    return "\n".join(part for part in (_REASONS.get(returned, ""), last) if part)
