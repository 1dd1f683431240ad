"""Bring a node up, or down: every step in order, each of them safe to repeat."""

from __future__ import annotations

import fcntl
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
import httpx

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError
from lifedesk_hub.node import assets, demo, firewall, front, images, parts, ports, rest
from lifedesk_hub.node.engine import bridge_name, connect, engine, engine_in_words, session_containers, session_network
from lifedesk_hub.node.nodejs import install_packages
from lifedesk_hub.node.programs import programs
from lifedesk_hub.node.state import REPOSITORY, State, added_images, hub_secrets, keep_client_secret, read_site
from lifedesk_hub.node.steps import Steps
from lifedesk_hub.node.supervision import Program, Supervisor, end_orphans
from lifedesk_hub.site import Site

HUB_START_SECONDS = 90.0
MOST_STARTS = 3
"""A program that had to be started so often while the node comes up will not stay."""
PROXY = REPOSITORY / "requirements" / "proxy"


@dataclass(frozen=True)
class Wanted:
    """What the operator asked for on the command line."""

    site_file: Path
    port: int | None
    image_archive: Path | None
    may_install: Callable[[str], bool]


def up(state: State, wanted: Wanted, steps: Steps) -> Deployment:
    """Bring the node up; what runs as wanted already is left alone. Raises `LifedeskError`."""
    site = read_site(wanted.site_file)
    with _only_one(state), engine_in_words():
        if packages := parts.missing_packages():
            with steps.step("Missing parts") as step:
                installed = parts.install(packages, wanted.may_install, step.note)
                step.outcome = f"installed {', '.join(installed)}"
        firewall.as_root()
        with steps.step("Container engine") as step:
            running = connect() is not None
            client = engine(state.logs / "dockerd.log")
            step.outcome = "running" if running else "started"
        added = added_images(wanted.site_file)
        names = images.images_of(site, added)
        with steps.step("Environments") as step:
            there = images.present(client, _tags(site, wanted.site_file))
            first = images.needed_first(names, there, Supervisor(state).is_running)
            made = images.build(first, wanted.image_archive, step.note, added) if first else []
            step.outcome = f"made {', '.join(made)}" if made else "there"
        with steps.step("Network and ports") as step:
            deployment = _decide(state, wanted, site, client)
            step.outcome = deployment.url
        with steps.step("JupyterLab's files") as step:
            step.outcome = "made" if rest.collect_assets(deployment, client, step.note) else "there"
            deployment = deployment.model_copy(update={"first_files": assets.first_files(deployment)})
            state.keep(deployment, wanted.site_file, site)
        _prepare(state, site, deployment, client, steps)
        with steps.step("Hub and services") as step:
            _start(state, deployment, programs(state, site, deployment), step.note)
            step.outcome = "running"
        rest.make(site, deployment, rest.Sources(wanted.image_archive, added), client, steps)
    return deployment


def is_up(state: State, site_file: Path) -> bool:
    """Whether everything of the node runs just as this site file wants it."""
    deployment, client = state.deployment(), connect()
    if deployment is None or client is None:
        return False
    site = read_site(site_file)
    if state.site_file() != site_file.resolve() or deployment.images != _tags(site, site_file):
        return False
    if len(images.present(client, deployment.images)) < len(deployment.images):
        return False
    if deployment.proxy_url is None or not assets.are_current(deployment):
        return False
    wanted = programs(state, site, deployment)
    return (
        Supervisor(state).runs_exactly(wanted)
        and _answers(deployment)
        and firewall.is_in_place(firewall.chains_of(site, deployment), bridge_name(deployment.network))
    )


def down(state: State, with_sessions: bool) -> tuple[bool, int]:
    """Stop the node; whether it ran, and how many sessions were ended. Sessions go on unless asked otherwise.

    Raises `NodeError`, also if sessions were to be ended and the container engine does not answer.
    """
    with _only_one(state), engine_in_words():
        if with_sessions:
            firewall.as_root()
        was_running = Supervisor(state).stop()
        deployment = state.deployment()
        if not with_sessions or deployment is None:
            return was_running, 0
        client = connect()
        if client is None:
            raise NodeError("The node is stopped. Its sessions are not: the Docker engine does not answer. Start it.")
        containers = session_containers(client, deployment.name)
        for container in containers:
            container.remove(force=True, v=True)
        firewall.remove(bridge_name(deployment.network))
        for network in client.networks.list(names=[deployment.network]):
            network.remove()
    return was_running, len(containers)


def _prepare(state: State, site: Site, deployment: Deployment, client: docker.DockerClient, steps: Steps) -> None:
    with steps.step("Sessions' firewall") as step:
        firewall.apply(firewall.chains_of(site, deployment), bridge_name(deployment.network))
        step.outcome = "in place"
    _check_database(state.hub_database)
    with steps.step("Proxy and login") as step:
        folders = [PROXY, demo.DEMO_LOGIN] if deployment.demo_issuer else [PROXY]
        installed = [install_packages(folder, step.note) for folder in folders]
        front.write_configuration(deployment)
        keep_client_secret(site, state)
        hub_secrets(site, state)
        if deployment.demo_issuer:
            demo.prepare_provider(state, deployment)
        step.outcome = "installed" if any(installed) else "there"
    rest.write_demo_data(site, deployment, client, steps)


def _check_database(path: Path) -> None:
    """Make the folder of the hub's database, or see that the database is whole. Raises `NodeError`."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path)) as database:
            answer = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        raise NodeError(
            f"The hub's database {path} is damaged ({answer}). Put it back from a backup; or move it away to start "
            "with an empty one: people log in again, their homes are kept."
        )


def _decide(state: State, wanted: Wanted, site: Site, client: docker.DockerClient) -> Deployment:
    """What the node runs on: as before, where it was decided before."""
    before = state.deployment()
    own = site.archives.site
    site_archive = None if own is None else Path(own.path) if own.path else state.root / "site-archive"
    if site_archive is not None and own is not None and own.path and not site_archive.is_dir():
        raise NodeError(f"archives.site.path in {wanted.site_file} is not a folder: {site_archive}")
    is_running = Supervisor(state).is_running
    if not is_running:
        end_orphans(state)
    port = ports.public(wanted.port, before, is_running)
    name = before.name if before else f"lifedesk-{secrets.token_hex(3)}"
    gateway, _ = session_network(client, name)
    proxy_api_port = ports.own(before.proxy_api_url if before else None, "127.0.0.1", is_running)
    proxy_port = ports.own(before.proxy_url if before else None, "127.0.0.1", is_running)
    demo_port = ports.own(before.demo_issuer if before else None, "localhost", is_running)
    url = (site.url or f"http://127.0.0.1:{port}").rstrip("/")
    deployment = Deployment(
        name=name,
        state=state.root,
        url=url,
        proxy_bind_url=f"http://127.0.0.1:{port}{urlsplit(url).path}",
        proxy_api_url=f"http://127.0.0.1:{proxy_api_port}",
        proxy_url=f"http://127.0.0.1:{proxy_port}",
        hub_url=f"http://{gateway}:{ports.hub(before, gateway, is_running)}",
        network=name,
        images=_tags(site, wanted.site_file),
        site_archive=site_archive,
        demo_issuer=f"http://localhost:{demo_port}" if site.login.provider == "demo" else None,
    )
    state.keep(deployment, wanted.site_file, site)
    return deployment


def _tags(site: Site, site_file: Path) -> dict[str, str]:
    added = added_images(site_file)
    tags = images.image_tags(added)
    return {name: tags[name] for name in images.images_of(site, added)}


def _start(state: State, deployment: Deployment, wanted: tuple[Program, ...], note: Callable[[str], None]) -> None:
    supervisor = Supervisor(state)
    supervisor.apply(wanted)
    deadline = time.monotonic() + HUB_START_SECONDS
    starts: dict[str, set[int]] = {}
    while not _answers(deployment):
        states = supervisor.states()
        for name, pid in supervisor.pids().items():
            starts.setdefault(name, set()).update({pid} - {0})
        dead = sorted(
            name for name, current in states.items() if current == "FATAL" or len(starts[name]) >= MOST_STARTS
        )
        if dead:
            raise NodeError(f"{dead[0]} does not start. Its last words:\n{last_words(state, dead[0])}")
        if time.monotonic() > deadline:
            raise NodeError(
                f"The hub did not answer within {HUB_START_SECONDS:.0f} s. Its last words:\n{last_words(state, 'hub')}"
            )
        note(", ".join(f"{name} {current.lower()}" for name, current in sorted(states.items())))
        time.sleep(0.1)


def _answers(deployment: Deployment) -> bool:
    """Whether the hub answers through the proxy, and the demo provider answers if there is one."""
    pages = [f"{deployment.proxy_bind_url}/hub/api/"]
    if deployment.demo_issuer:
        pages.append(f"{deployment.demo_issuer}/health")
    try:
        return all(httpx.get(page, timeout=5).status_code == 200 for page in pages)
    except httpx.HTTPError:
        return False


def last_words(state: State, program: str, lines: int = 6) -> str:
    """The last lines of a program's log that say something: what its tracebacks come to, and where the rest is."""
    log = state.logs / f"{program}.log"
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    spoken = [line for line in text.splitlines() if line.strip() and not line.startswith((" ", "\t", "Traceback"))]
    return "\n".join([*(line[:300] for line in spoken[-lines:]), f"All of it: {log}"])


@contextmanager
def _only_one(state: State) -> Iterator[None]:
    """Keep two commands from changing one node at once. Raises `NodeError`."""
    try:
        state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (state.root / "lock").open("w")
    except OSError as error:
        raise NodeError(
            f"The state folder {state.root} cannot be written to ({error.strerror}). Choose another one with --state."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NodeError(
                f"Another lifedesk command is changing this node ({state.root}): wait for it to end."
            ) from error
        yield
