"""The desktop's screen as a WebSocket, by jupyter-server-proxy. Loaded when a screen is wanted: it needs aiohttp."""

from __future__ import annotations

from jupyter_server_proxy.rawsocket import RawSocketHandler

from lifedesk_lab.desktop.display import Display
from lifedesk_lab.desktop.errors import DesktopError


class StreamHandler(RawSocketHandler):
    """Passes RFB between the browser and the display server's socket; starts the display if there is none."""

    name = "desktop"

    def initialize(self, display: Display) -> None:
        self.display = display
        self.unix_socket = str(display.socket)

    async def http_get(self) -> None:
        await self.proxy(0, "")

    async def open(self) -> None:
        try:
            await self.display.start()
            await self.proxy_open("localhost", 0)
        except (DesktopError, OSError) as error:
            self.log.warning("The desktop's screen cannot be shown: %s", error)
            self.close(1011)
