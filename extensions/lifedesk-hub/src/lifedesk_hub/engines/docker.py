"""Sessions as containers of a Docker engine on this machine: what they are made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerspawner import DockerSpawner

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.mounts import Volume
from lifedesk_hub.profiles import Choice
from lifedesk_hub.singleuser import COMMAND, DEFAULT_URLS, GROUP_ID, HOME, PORT, USER_ID
from lifedesk_hub.site import Limits


def spawner_settings(
    choice: Choice, image: str, volumes: tuple[Volume, ...], environment: Mapping[str, str]
) -> dict[str, Any]:
    """Spawner traits for one session: the whole of what a person's choice and groups decide."""
    size = choice.size
    return {
        "image": image,
        "cpu_limit": size.cpu_limit,
        "cpu_guarantee": size.cpu_guarantee,
        "mem_limit": size.mem_limit,
        "mem_guarantee": size.mem_guarantee,
        "volumes": {},
        "mounts": mounts_of(volumes),
        "default_url": DEFAULT_URLS[choice.interface],
        "gpus": choice.profile.gpus,
        "session_environment": dict(environment),
        "environment_title": choice.profile.display_name,
        "image_name": choice.profile.image,
    }


def mounts_of(volumes: tuple[Volume, ...]) -> list[dict[str, Any]]:
    """The volumes in Docker's terms."""
    return [_mount(volume) for volume in volumes]


def _mount(volume: Volume) -> dict[str, Any]:
    """Docker's mount: unlike a bind volume, it refuses a folder of the node that does not exist."""
    kind = "bind" if volume.source.startswith("/") else "volume"
    return {"type": kind, "source": volume.source, "target": volume.target, "read_only": volume.read_only}


def container_settings(limits: Limits) -> dict[str, Any]:
    """Docker's host configuration of every session: the container is hostile territory."""
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": limits.pids,
        "ipc_mode": "private",
        # Process 1 is Docker's own small init: it buries what programs leave behind, which the server does not.
        "init": True,
        "shm_size": "256m",
        "read_only": True,
        # exec: compilers and numba load from /tmp what they made there, as they may from the home.
        "tmpfs": {"/tmp": "rw,exec,nosuid,nodev,size=1g,mode=1777", "/run": "rw,nosuid,nodev,noexec,size=16m,mode=755"},
        "log_config": {"type": "json-file", "config": {"max-size": "5m", "max-file": "2"}},
        "auto_remove": False,  # a container that ended by itself keeps its log until its owner's next start
    }


def as_written(name: str, spawner: DockerSpawner) -> str:
    """Mounts are decided before they reach the spawner: braces in a path are no template."""
    return name


def docker_config(deployment: Deployment, limits: Limits) -> dict[str, Any]:
    """Traits of `SessionSpawner` that are the same for every session of the node."""
    return {
        "network_name": deployment.network,
        "use_internal_ip": True,
        "pull_policy": "never",  # images are built or loaded by `lifedesk up`; a start never waits for a download
        "allowed_images": [],
        "prefix": deployment.name,
        "name_template": "{prefix}-{username}",
        "remove": True,
        "format_volume_name": as_written,
        "port": PORT,
        "cmd": list(COMMAND),
        "notebook_dir": HOME,
        "extra_create_kwargs": {"user": f"{USER_ID}:{GROUP_ID}", "labels": {"eu.lifedesk.node": deployment.name}},
        "extra_host_config": container_settings(limits),
        "images": deployment.images,
        "state_folder": str(deployment.state),
        "sessions_per_gpu": limits.sessions_per_gpu,
        "listen_timeout": limits.start_timeout_seconds,
        "start_timeout": limits.start_timeout_seconds + 10,  # the net below: ours says more
        "poll_interval": 10,
        "http_timeout": 30,
        "debug": False,
    }
