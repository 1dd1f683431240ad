"""The session's own pages beside notebooks: the desktop and the programs of the image."""

from __future__ import annotations


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Where the Jupyter server finds the extension of this package."""
    return [{"module": "lifedesk_lab.extension"}]
