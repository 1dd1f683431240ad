"""Sessions as containers of a Docker engine on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker.errors
import requests
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from traitlets import Any as AnyTrait
from traitlets import Unicode

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.engines.stages import Stage, StageLog
from lifedesk_hub.mounts import Volume
from lifedesk_hub.profiles import Choice
from lifedesk_hub.singleuser import COMMAND, GROUP_ID, HOME, PORT, USER_ID
from lifedesk_hub.site import Limits

LISTEN_POLL_SECONDS = 0.02


def spawner_settings(choice: Choice, volumes: tuple[Volume, ...], images: Mapping[str, str]) -> dict[str, Any]:
    """Spawner traits for one session: the whole of what a person's choice and groups decide."""
    size = choice.size
    return {
        "image": images.get(choice.profile.image, choice.profile.image),
        "cpu_limit": size.cpu_limit,
        "cpu_guarantee": size.cpu_guarantee,
        "mem_limit": size.mem_limit,
        "mem_guarantee": size.mem_guarantee,
        "volumes": {},
        "mounts": [_mount(volume) for volume in volumes],
        "environment_title": choice.profile.display_name,
    }


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


class SessionSpawner(DockerSpawner):
    """DockerSpawner that says truthfully what a start waits for, and ends it the moment the server listens.

    The hub's own check backs off at random for up to some seconds; by the time it looks here, its first look
    succeeds.
    """

    environment_title = Unicode(help="What people call the environment; shown in refusals.").tag(config=False)
    contact = Unicode(help="Whom to ask for help; shown when a start fails.").tag(config=True)
    on_delete_forever = AnyTrait(
        default_value=None, allow_none=True, help="Called with the spawner when its user is deleted."
    ).tag(config=True)

    # DockerSpawner's single thread would let sessions wait for each other's Docker calls.
    _calls = ThreadPoolExecutor(4, thread_name_prefix="docker")
    _stages: StageLog | None = None
    extra_host_config: dict[str, Any]  # DockerSpawner's trait

    @property
    def executor(self) -> ThreadPoolExecutor:
        """The threads that Docker calls run in."""
        return self._calls

    async def progress(self) -> AsyncIterator[dict[str, object]]:
        """The stages of the start under way."""
        if self._stages is not None:
            async for event in self._stages.follow():
                yield event

    async def start(self) -> tuple[str, int]:
        """Address and port of the session's server, once it listens. Raises `SpawnException`."""
        self._stages = stages = StageLog()
        stages.enter(Stage.IMAGE)
        try:
            address = await self._in_words(super().start)
            await self._until_listening(*address)
            stages.enter(Stage.LAB)
            return address
        finally:
            stages.close()

    def get_state(self) -> dict[str, Any]:
        """What a new hub has to know of a running session: its container, and what is mounted into it."""
        return {**super().get_state(), "mounts": self.mounts}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over a session of an earlier hub."""
        super().load_state(state)
        self.mounts = state.get("mounts", [])

    async def create_object(self) -> Any:
        self._enter(Stage.CONTAINER)
        # Left to itself, Docker grants as much swap on top as there is memory.
        self.extra_host_config = {**self.extra_host_config, "memswap_limit": self.mem_limit}
        return await super().create_object()

    async def start_object(self) -> None:
        self._enter(Stage.SERVER)
        await super().start_object()

    async def delete_forever(self) -> None:
        """Called when the person is deleted: their home goes after the grace period."""
        if self.on_delete_forever is not None:
            self.on_delete_forever(self)

    def _enter(self, stage: Stage) -> None:
        if self._stages is not None:
            self._stages.enter(stage)

    async def _in_words(self, start: Callable[[], Awaitable[tuple[str, int]]]) -> tuple[str, int]:
        try:
            return await start()
        except docker.errors.ImageNotFound as error:
            raise self._refusal(
                "image", f"The image of {self.environment_title} is not on this node.", error
            ) from error
        except (docker.errors.APIError, docker.errors.DockerException, requests.RequestException) as error:
            sentence = "The node's container engine did not start your session. Nothing of yours is lost."
            raise self._refusal("engine", f"{sentence} Try again in a minute.", error) from error

    async def _until_listening(self, ip: str, port: int) -> None:
        """Wait until the server takes connections. Raises `SpawnException` if its container ends first."""
        looks = 0
        while True:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(ip, port), timeout=1)
            except (TimeoutError, OSError):
                looks += 1
                if looks % 50 == 0 and await self.poll() is not None:
                    log_tail = "(its container is gone)"
                    raise self._refusal("server", "Your server ended while it started.", log_tail) from None
                await asyncio.sleep(LISTEN_POLL_SECONDS)
            else:
                writer.close()
                return

    def _refusal(self, reason: str, sentence: str, cause: object) -> SpawnException:
        message = f"{sentence} If it stays so, ask {self.contact}."
        return SpawnException(message, reason=reason, log_message=f"{message} ({cause})", status_code=503)


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
        "default_url": "/lab",
        "extra_create_kwargs": {"user": f"{USER_ID}:{GROUP_ID}", "labels": {"eu.lifedesk.node": deployment.name}},
        "extra_host_config": container_settings(limits),
        "start_timeout": limits.start_timeout_seconds,
        "http_timeout": 30,
        "debug": False,
    }
