"""Sessions as containers of a Docker engine on this machine: how they begin, go on and end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker.errors
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from traitlets import Any as AnyTrait
from traitlets import Dict, Integer, Unicode

from lifedesk_hub.engines.docker_failures import (
    ENGINE_ERRORS,
    Failure,
    Session,
    ended_start,
    is_out_of_memory,
    refused_start,
    silent_start,
)
from lifedesk_hub.engines.docker_stock import GPUS_LABEL, IMAGE_LABEL, device_request, gpus_taken, versions_in
from lifedesk_hub.engines.nvidia import DRIVER_FOLDER, free_gpus, gpus_in
from lifedesk_hub.engines.stages import Stage, StageLog
from lifedesk_hub.making import images_being_made
from lifedesk_hub.singleuser import DEFAULT_URLS
from lifedesk_hub.stock import Gpus, Stock

LISTEN_POLL_SECONDS = 0.02
LOOK_SECONDS = 0.5
"""How often the container of a server that does not listen yet is looked at, for it may have ended."""
STOCK_SECONDS = 3.0
"""How long a page waits for the engine to say what it has."""
LAST_WORDS_LINES = 20


class SessionSpawner(DockerSpawner):
    """DockerSpawner that says truthfully what a start waits for, and ends it the moment the server listens.

    The hub's own check backs off at random for up to some seconds; by the time it looks here, its first look
    succeeds.
    """

    environment_title = Unicode(help="What people call the environment; shown in refusals.").tag(config=False)
    image_name = Unicode(help="The environment's image as the site names it.").tag(config=False)
    session_environment = Dict(help="Variables that the person's choice decides.").tag(config=False)
    gpus = Integer(help="GPUs that the session is to get.").tag(config=False)
    images = Dict(help="Our images: name, and reference of the present build.").tag(config=True)
    nvidia_folder = Unicode(str(DRIVER_FOLDER), help="Where NVIDIA's driver lists the GPUs.").tag(config=True)
    sessions_per_gpu = Integer(1, help="Sessions that may use the same GPU at once.").tag(config=True)
    listen_timeout = Integer(120, help="Seconds from the start until the server has to listen.").tag(config=True)
    state_folder = Unicode(help="The node's folder, in which it is noted which images are being made.").tag(config=True)
    contact = Unicode(help="Whom to ask for help; shown when a start fails.").tag(config=True)
    on_delete_forever = AnyTrait(
        default_value=None, allow_none=True, help="Called with the spawner when its user is deleted."
    ).tag(config=True)

    ended = ""
    """How the last session ended by itself: `memory` or `itself`; empty if it did not."""

    # DockerSpawner's single thread would let sessions wait for each other's Docker calls.
    _calls = ThreadPoolExecutor(4, thread_name_prefix="docker")
    # From the choice of a session's GPUs until they are seen to be taken.
    _gpu_turn = asyncio.Lock()
    _stages: StageLog | None = None
    _gpu_ids: tuple[str, ...] = ()
    extra_host_config: dict[str, Any]  # DockerSpawner's traits
    extra_create_kwargs: dict[str, Any]

    @property
    def executor(self) -> ThreadPoolExecutor:
        """The threads that Docker calls run in."""
        return self._calls

    async def progress(self) -> AsyncIterator[dict[str, object]]:
        """The stages of the start under way."""
        if self._stages is not None:
            async for event in self._stages.follow():
                yield event

    async def stock(self) -> Stock:
        """What this node has to start sessions with. Raises `SpawnException` when the engine does not say."""
        there = gpus_in(Path(self.nvidia_folder))
        try:
            images = await asyncio.wait_for(
                self.docker("images", filters={"label": IMAGE_LABEL}), timeout=STOCK_SECONDS
            )
            free = await asyncio.wait_for(self._free_gpus(), timeout=STOCK_SECONDS)
        except (*ENGINE_ERRORS, TimeoutError) as error:
            sentence = "The node's container engine does not answer, so no session can start. Running ones may go on."
            raise self._refusal(Failure("engine", f"{sentence} Try again in a minute."), error) from error
        return Stock(
            versions_in(images, self.images),
            Gpus(len(there), len(free)),
            images_being_made(Path(self.state_folder)),
        )

    async def start(self) -> tuple[str, int]:
        """Address and port of the session's server, once it listens. Raises `SpawnException`."""
        self._stages = stages = StageLog()
        self.ended = ""
        stages.enter(Stage.IMAGE)
        try:
            address = await self._in_words(self._begin)
            await self._until_listening(*address)
            stages.enter(Stage.DESKTOP if self.default_url == DEFAULT_URLS["desktop"] else Stage.LAB)
            return address
        finally:
            stages.close()

    async def poll(self) -> str | int | None:
        """None while the session runs, as far as anybody knows; else how it ended.

        An engine that does not answer says nothing of its sessions: what ran before is taken to run still.
        """
        try:
            container = await self.docker("inspect_container", self.container_name)
        except docker.errors.NotFound:
            self.object_id = ""
            return 0
        except ENGINE_ERRORS as error:
            self.log.warning("The engine does not say how %s is, it is taken as before: %s", self.container_name, error)
            return None if self.object_id else 0
        self.object_id, state = container["Id"], container["State"]
        if state["Running"]:
            return None
        self.ended = "memory" if is_out_of_memory(state) else "itself"
        return "exit code {ExitCode}, out of memory: {OOMKilled}, at {FinishedAt}".format(**state)

    def get_state(self) -> dict[str, Any]:
        """What a new hub has to know of a session: its container, what is mounted into it, how the last one ended."""
        return {**super().get_state(), "mounts": self.mounts, "ended": self.ended}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over a session of an earlier hub."""
        super().load_state(state)
        self.mounts = state.get("mounts", [])
        self.ended = state.get("ended", "")

    def get_env(self) -> dict[str, str]:
        """The variables of the session: the hub's, the site's and those of the person's choice."""
        return {**super().get_env(), **self.session_environment}

    async def create_object(self) -> Any:
        self._enter(Stage.CONTAINER)
        host = {name: value for name, value in self.extra_host_config.items() if name != "device_requests"}
        # Left to itself, Docker grants as much swap on top as there is memory.
        self.extra_host_config = {**host, "memswap_limit": self.mem_limit}
        labels = dict(self.extra_create_kwargs.get("labels", {}))
        labels.pop(GPUS_LABEL, None)
        if self._gpu_ids:
            labels[GPUS_LABEL] = ",".join(self._gpu_ids)
            self.extra_host_config["device_requests"] = [device_request(self._gpu_ids)]
        self.extra_create_kwargs = {**self.extra_create_kwargs, "labels": labels}
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

    async def _begin(self) -> tuple[str, int]:
        """Make and start the container, with GPUs that are its own from now on."""
        self._gpu_ids = ()
        if not self.gpus:
            return await self._start_container()
        async with self._gpu_turn:
            free = await self._free_gpus()
            if len(free) < self.gpus:
                words = Gpus(len(gpus_in(Path(self.nvidia_folder))), len(free)).words(self.gpus)
                raise self._refusal(Failure("gpu", f"{words}. Try again when another session has ended."), free)
            self._gpu_ids = tuple(free[: self.gpus])
            return await self._start_container()

    async def _start_container(self) -> tuple[str, int]:
        ip, port = await super().start()
        return ip, port

    async def _free_gpus(self) -> list[str]:
        """The GPUs that can take one more session; the labels of the containers on this machine tell."""
        there = gpus_in(Path(self.nvidia_folder))
        containers = await self.docker("containers", filters={"label": GPUS_LABEL}) if there else []
        return free_gpus(there, gpus_taken(containers), self.sessions_per_gpu)

    async def _in_words(self, start: Callable[[], Awaitable[tuple[str, int]]]) -> tuple[str, int]:
        try:
            return await start()
        except ENGINE_ERRORS as error:
            raise self._refusal(refused_start(error, self._session()), error) from error

    async def _until_listening(self, ip: str, port: int) -> None:
        """Wait until the server takes connections. Raises `SpawnException` if it ends first, or time is up."""
        begun = looked = time.monotonic()
        while True:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(ip, port), timeout=LOOK_SECONDS)
            except (TimeoutError, OSError):
                now = time.monotonic()
                if now - looked >= LOOK_SECONDS:
                    looked = now
                    await self._expect_running()
                if now - begun > self.listen_timeout:
                    failure = silent_start(self.listen_timeout, self._session())
                    raise self._refusal(failure, await self._last_words()) from None
                await asyncio.sleep(LISTEN_POLL_SECONDS)
            else:
                writer.close()
                return

    async def _expect_running(self) -> None:
        """Raises `SpawnException` if the container has ended."""
        try:
            state = (await self.docker("inspect_container", self.object_id))["State"]
        except docker.errors.NotFound:
            state = {"ExitCode": "unknown, its container is gone"}
        except ENGINE_ERRORS:
            return  # it may run all the same; the next look tells
        if not state.get("Running"):
            raise self._refusal(ended_start(state, self._session()), await self._last_words())

    async def _last_words(self) -> str:
        """The end of the container's log, for the hub's own."""
        try:
            log: bytes = await self.docker("logs", self.object_id, tail=LAST_WORDS_LINES)
        except ENGINE_ERRORS as error:
            return f"no log: {error}"
        return "its last words:\n" + log.decode(errors="replace").strip()

    def _session(self) -> Session:
        making = images_being_made(Path(self.state_folder))
        return Session(self.environment_title, self.image, self.mem_limit, self.image_name in making)

    def _refusal(self, failure: Failure, cause: object) -> SpawnException:
        message = f"{failure.sentence} If it stays so, ask {self.contact}."
        return SpawnException(message, reason=failure.reason, log_message=f"{message} ({cause})", status_code=503)
