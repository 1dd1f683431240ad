"""What a session sees of the node's storage: the person's home, folders of their groups, the data sets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.profiles import is_open
from lifedesk_hub.singleuser import HOME, SITE_ARCHIVE
from lifedesk_hub.site import Site


@dataclass(frozen=True)
class Volume:
    """One folder of a session: a named volume or a folder of the node, and where it appears."""

    source: str
    target: str
    read_only: bool


def volumes_for(site: Site, deployment: Deployment, username: str, groups: Collection[str]) -> tuple[Volume, ...]:
    """Everything mounted into a session of that person; groups decide, never what the session asks for."""
    volumes = [Volume(home_volume(deployment, username), HOME, read_only=False)]
    if site.archives.site is not None and deployment.site_archive is not None:
        volumes.append(Volume(str(deployment.site_archive), SITE_ARCHIVE, read_only=True))
    for mount in site.mounts:
        if is_open(mount.allowed_groups, groups):
            volumes.append(Volume(mount.source, mount.target, mount.read_only))
    return tuple(volumes)


def home_volume(deployment: Deployment, username: str) -> str:
    """Name of the volume that holds the person's home."""
    return f"{deployment.name}-home-{username}"
