"""The Jupyter server extension: what of this package answers under the session's address."""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from lifedesk_lab import notices_api
from lifedesk_lab.apps import handlers as apps


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the handlers of the image's parts to `server`."""
    for part in (notices_api, apps):
        part.add_to(server)
    server.log.info("Lifedesk's pages are at %slifedesk/", server.base_url)
