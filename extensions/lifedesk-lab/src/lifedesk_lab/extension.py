"""The Jupyter server extension: what of this package answers under the session's address, and what watches."""

from __future__ import annotations

import asyncio

from jupyter_server.serverapp import ServerApp

from lifedesk_lab import notices_api
from lifedesk_lab.apps import handlers as apps
from lifedesk_lab.desktop import handlers as desktop
from lifedesk_lab.files import handlers as files
from lifedesk_lab.full_home import open_in_full_home
from lifedesk_lab.software import page as software
from lifedesk_lab.watch.rounds import rounds

_running: set[asyncio.Task[None]] = set()  # a task that nobody holds may be collected while it runs


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the handlers of the image's parts to `server`."""
    for part in (notices_api, apps, desktop, files, software):
        part.add_to(server)
    server.log.info("Lifedesk's pages are at %slifedesk/", server.base_url)


async def _start_jupyter_server_extension(server: ServerApp) -> None:
    """See to what need not delay the first answer of `server`, and begin to watch."""
    open_in_full_home(server)
    for work in (rounds(server), files.discard_left_uploads(server)):
        task = asyncio.create_task(work)
        _running.add(task)
        task.add_done_callback(_running.discard)
