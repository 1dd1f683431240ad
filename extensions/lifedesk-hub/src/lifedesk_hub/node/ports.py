"""The ports a node listens on: those it had before, as long as nobody took them while it was down."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError

DEFAULT = 8000
"""Port people open, unless the operator chooses another."""


def public(wanted: int | None, before: Deployment | None, is_running: bool) -> int:
    """The port people open: `wanted`, where 0 is any; else the one before. Raises `NodeError` if it is taken."""
    known = _port(before.proxy_bind_url) if before else None
    if wanted == 0:
        return own(before.proxy_bind_url if before else None, "127.0.0.1", is_running)
    port = wanted if wanted is not None else known or DEFAULT
    if not (is_running and port == known) and not is_free(port):
        raise NodeError(f"Port {port} on 127.0.0.1 is in use by another program. Choose another one with --port.")
    return port


def hub(before: Deployment | None, gateway: str, is_running: bool) -> int:
    """The hub's port, which running sessions go on using. Raises `NodeError` if it is taken."""
    known = _port(before.hub_url) if before else None
    if known and not is_running and not is_free(known, gateway):
        raise NodeError(
            f"Port {known} on {gateway}, where sessions look for the hub, is in use by another program. "
            f"See which with: ss -ltnp 'sport = :{known}'"
        )
    return known or free_port(gateway)


def own(before: str | None, host: str, is_running: bool) -> int:
    """The port of the address `before` while it is ours or free, else another: only the node itself knows it."""
    known = _port(before) if before else None
    return known if known and (is_running or is_free(known, host)) else free_port(host)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens on that TCP port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _port(url: str) -> int | None:
    return urlsplit(url).port
