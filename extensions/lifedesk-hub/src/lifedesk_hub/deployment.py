"""What is known of a node only once it is deployed: addresses, ports, folders, image tags."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Deployment(BaseModel):
    """Facts of one running node, decided by `lifedesk up` (or by a facility's own deployment), not by the site."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Short name that is unique on this machine; containers, volumes and the network carry it."""
    state: Path
    """Folder that holds everything the node remembers."""
    url: str
    """The address people open, without a slash at its end."""
    proxy_bind_url: str
    """Where the node listens for people."""
    proxy_api_url: str
    """Where the proxy takes the hub's orders; loopback only."""
    proxy_url: str | None = None
    """Where the proxy listens behind the front web server; None where it listens for people itself."""
    hub_url: str
    """Where the hub listens: the gateway of the sessions' network, so that sessions reach it there."""
    network: str
    """The Docker network of the sessions."""
    images: dict[str, str]
    """Image name in the site file → tag to start."""
    site_archive: Path | None = None
    """Folder of the node's own data sets."""
    first_files: tuple[str, ...] = ()
    """What a first visit to JupyterLab loads, as addresses below a session's own; browsers fetch it ahead."""
    demo_issuer: str | None = None
    """Issuer of the built-in demo provider, when the site uses it."""

    @property
    def secrets(self) -> Path:
        """Folder of the files, mode 0600, that hold the node's own secrets."""
        return self.state / "secrets"
