"""The rounds of the watch: a look at memory and processes every few seconds, at the home every half a minute.

A round reads one counter and two lines for each process: about 0.1 ms. The machine offers no event instead: those of
the memory accounting need writing to it (v1), which a container may not, or tell only that somebody died (v2).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_server.serverapp import ServerApp

from lifedesk_lab.apps.handlers import SETTING as APPS
from lifedesk_lab.notices import post, withdraw
from lifedesk_lab.watch import home
from lifedesk_lab.watch.cgroup import find_memory
from lifedesk_lab.watch.kernels import KernelDeaths
from lifedesk_lab.watch.ledger import Ledger
from lifedesk_lab.watch.programs import ProgramDeaths

# More than the three seconds in which Jupyter finds a dead kernel: a death no kernel claims by then is a program's.
ROUND_SECONDS = 5.0
_ROUNDS_PER_LOOK_AT_HOME = 6


async def rounds(server: ServerApp) -> None:
    """Watch until cancelled."""
    ledger = Ledger(find_memory())
    kernels = KernelDeaths(server, ledger)
    kernels.start()
    titles = {Path(app.command[0]).name: app.title for app in server.web_app.settings[APPS]}
    programs, home_room = ProgramDeaths(ledger, kernels, titles), home.HomeRoom(Path.home())
    count = 0
    while True:
        if count % _ROUNDS_PER_LOOK_AT_HOME == 0:
            await _look_at_home(server, home_room)
        programs.look()
        count += 1
        await asyncio.sleep(ROUND_SECONDS)


async def _look_at_home(server: ServerApp, home_room: home.HomeRoom) -> None:
    try:
        notice = await asyncio.to_thread(home_room.look)
    except OSError as error:
        server.log.warning("How full the home is cannot be read: %s", error)
        return
    if notice is not None:
        server.log.warning("%s", notice.summary)
        post(notice)
    elif home_room.has_room:
        withdraw(home.ABOUT)
