"""Bring a node up, or down: every step in order, each of them safe to repeat."""

from __future__ import annotations

import fcntl
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
import httpx

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError
from lifedesk_hub.node import demo, firewall, images, parts
from lifedesk_hub.node.engine import bridge_name, connect, engine, session_containers, session_network
from lifedesk_hub.node.nodejs import install_packages
from lifedesk_hub.node.programs import programs
from lifedesk_hub.node.state import REPOSITORY, State, hub_secrets, keep_client_secret, read_site
from lifedesk_hub.node.steps import Steps
from lifedesk_hub.node.supervision import Program, Supervisor
from lifedesk_hub.site import Site

HUB_START_SECONDS = 90.0
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
    with _only_one(state):
        if packages := parts.missing_packages():
            with steps.step("Missing parts") as step:
                parts.install(packages, wanted.may_install, step.note)
                step.outcome = f"installed {', '.join(packages)}"
        with steps.step("Container engine") as step:
            running = connect() is not None
            client = engine(state.logs / "dockerd.log")
            step.outcome = "running" if running else "started"
        with steps.step("Environments") as step:
            made = images.build(images.images_of(site), wanted.image_archive, step.note)
            step.outcome = f"made {', '.join(made)}" if made else "there"
            if missing := images.fetch_others(site, client, step.note):
                step.outcome += f"; not to be had, their sessions will not start: {', '.join(missing)}"
        with steps.step("Network and ports") as step:
            deployment = _decide(state, wanted, site, client)
            step.outcome = deployment.url
        _prepare(state, site, deployment, client, steps)
        with steps.step("Hub and services") as step:
            _start(state, deployment, programs(state, site, deployment), step.note)
            step.outcome = "running"
    return deployment


def is_up(state: State, site_file: Path) -> bool:
    """Whether everything of the node runs just as this site file wants it."""
    deployment = state.deployment()
    if deployment is None or connect() is None:
        return False
    site = read_site(site_file)
    if state.site_file() != site_file.resolve() or deployment.images != _tags(site):
        return False
    wanted = programs(state, site, deployment)
    in_place = firewall.is_in_place(firewall.chains_of(site, deployment), bridge_name(deployment.network))
    return in_place and Supervisor(state).runs_exactly(wanted) and _answers(deployment)


def down(state: State, with_sessions: bool) -> tuple[bool, int]:
    """Stop the node; whether it ran, and how many sessions were ended. Sessions go on unless asked otherwise."""
    with _only_one(state):
        was_running = Supervisor(state).stop()
        deployment = state.deployment()
        client = connect()
        if not with_sessions or deployment is None or client is None:
            return was_running, 0
        containers = session_containers(client, deployment.name)
        for container in containers:
            container.remove(force=True, v=True)
        _remove_network(client, deployment)
    return was_running, len(containers)


def _prepare(state: State, site: Site, deployment: Deployment, client: docker.DockerClient, steps: Steps) -> None:
    with steps.step("Sessions' firewall") as step:
        firewall.apply(firewall.chains_of(site, deployment), bridge_name(deployment.network))
        step.outcome = "in place"
    (state.root / "hub").mkdir(mode=0o700, exist_ok=True)
    with steps.step("Proxy and login") as step:
        folders = [PROXY, demo.DEMO_LOGIN] if deployment.demo_issuer else [PROXY]
        installed = [install_packages(folder, step.note) for folder in folders]
        keep_client_secret(site, state)
        hub_secrets(site, state)
        if deployment.demo_issuer:
            demo.prepare_provider(state, deployment)
        step.outcome = "installed" if any(installed) else "there"
    if site.archives.site is not None and site.archives.site.path is None and deployment.site_archive is not None:
        with steps.step("Demo data sets") as step:
            image = deployment.images.get("imaging") or next(iter(deployment.images.values()))
            made = demo.prepare_data_sets(client, image, deployment.site_archive)
            step.outcome = "made" if made else "there"


def _decide(state: State, wanted: Wanted, site: Site, client: docker.DockerClient) -> Deployment:
    """What the node runs on: as before, where it was decided before."""
    before = state.deployment()
    name = before.name if before else f"lifedesk-{secrets.token_hex(3)}"
    gateway, _ = session_network(client, name)
    port = _public_port(wanted.port, before)
    url = (site.url or f"http://127.0.0.1:{port}").rstrip("/")
    hub_port = urlsplit(before.hub_url).port if before else free_port(gateway)
    proxy_api = before.proxy_api_url if before else f"http://127.0.0.1:{free_port()}"
    issuer = (before.demo_issuer if before else None) or f"http://localhost:{free_port('localhost')}"
    own = site.archives.site
    deployment = Deployment(
        name=name,
        state=state.root,
        url=url,
        proxy_bind_url=f"http://127.0.0.1:{port}{urlsplit(url).path}",
        proxy_api_url=proxy_api,
        hub_url=f"http://{gateway}:{hub_port}",
        network=name,
        images=_tags(site),
        site_archive=None if own is None else Path(own.path) if own.path else state.root / "site-archive",
        demo_issuer=issuer if site.login.provider == "demo" else None,
    )
    if deployment.site_archive is not None and own is not None and own.path and not deployment.site_archive.is_dir():
        raise NodeError(f"archives.site.path in {wanted.site_file} is not a folder: {deployment.site_archive}")
    state.keep(deployment, wanted.site_file, site)
    return deployment


def _tags(site: Site) -> dict[str, str]:
    tags = images.image_tags()
    return {name: tags[name] for name in images.images_of(site)}


def _public_port(wanted: int | None, before: Deployment | None) -> int:
    known = urlsplit(before.proxy_bind_url).port if before else None
    port = wanted if wanted is not None else known or 8000
    if port == 0:
        return known or free_port()
    if port != known and not _is_free(port):
        raise NodeError(f"Port {port} on 127.0.0.1 is in use by another program. Choose another one with --port.")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _start(state: State, deployment: Deployment, wanted: tuple[Program, ...], note: Callable[[str], None]) -> None:
    supervisor = Supervisor(state)
    supervisor.apply(wanted)
    deadline = time.monotonic() + HUB_START_SECONDS
    while not _answers(deployment):
        states = supervisor.states()
        dead = sorted(name for name, current in states.items() if current in {"FATAL", "EXITED"})
        if dead:
            raise NodeError(f"{dead[0]} does not start. Its last words:\n{tail(state, dead[0])}")
        if time.monotonic() > deadline:
            raise NodeError(
                f"The hub did not answer within {HUB_START_SECONDS:.0f} s. Its last words:\n{tail(state, 'hub')}"
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


def tail(state: State, program: str, lines: int = 12) -> str:
    """The last lines of a program's log."""
    try:
        text = (state.logs / f"{program}.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:])


def _remove_network(client: docker.DockerClient, deployment: Deployment) -> None:
    firewall.remove(bridge_name(deployment.network))
    for network in client.networks.list(names=[deployment.network]):
        network.remove()


@contextmanager
def _only_one(state: State) -> Iterator[None]:
    """Keep two commands from changing one node at once. Raises `NodeError`."""
    state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state.root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NodeError(
                f"Another lifedesk command is changing this node ({state.root}): wait for it to end."
            ) from error
        yield
