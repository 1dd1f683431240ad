"""The Jupyter server extension: what of this package answers under the session's address."""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from lifedesk_lab import notices_api


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the handlers of the image's parts to `server`."""
    for part in (notices_api,):
        part.add_to(server)
    server.log.info("Lifedesk's pages are at %slifedesk/", server.base_url)
