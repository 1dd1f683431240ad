"""Two real hubs on one Docker network: Lifedesk's, and a stock one with DockerSpawner as its documentation says."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors
import httpx

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.node import assets, front
from lifedesk_hub.node.engine import session_network
from lifedesk_hub.node.images import build, image_tags
from lifedesk_hub.node.nodejs import NODE
from lifedesk_hub.node.ports import free_port
from lifedesk_hub.node.programs import PROXY_PROGRAM
from lifedesk_hub.node.state import STATE_VARIABLE, State, read_site
from lifedesk_hub.secret import kept_secret

READY_SECONDS = 60.0

SITE = {
    "name": "Benchmark",
    "contact": "nobody",
    "login": {"provider": "demo"},
    "groups": [{"name": "bench", "claim_values": ["bench"]}],
    "sizes": [{"slug": "small", "display_name": "Small", "cpu_limit": 1, "mem_limit": "1G"}],
    # Both hubs take anybody who knows the run's password: login is not what is measured.
    "hub_override": {
        "JupyterHub": {"authenticator_class": "dummy"},
        "Authenticator": {"refresh_pre_spawn": False, "allow_all": True, "auth_refresh_age": 0},
    },
}


@dataclass(frozen=True)
class Image:
    """What both hubs start."""

    name: str
    tag: str
    has_desktop: bool

    @property
    def site(self) -> dict[str, object]:
        """A site with this image."""
        profile = {"slug": "bench", "display_name": "Bench", "description": "Bench", "sizes": ["small"]}
        interfaces = ["lab", "desktop"] if self.has_desktop else ["lab"]
        return {**SITE, "profiles": [{**profile, "image": self.name, "interfaces": interfaces}]}


def made_image(engine: docker.DockerClient, name: str) -> Image:
    """The image of that name, built if need be."""
    build([name], None, lambda text: None)
    tag = image_tags()[name]
    try:
        engine.containers.run(tag, ["sh", "-c", "command -v Xtigervnc"], remove=True, network_disabled=True)
    except docker.errors.ContainerError:
        return Image(name, tag, has_desktop=False)
    return Image(name, tag, has_desktop=True)


STOCK = """
c.JupyterHub.bind_url = {public!r}
c.JupyterHub.hub_bind_url = c.JupyterHub.hub_connect_url = {hub!r}
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = {proxy_api!r}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = {image!r}
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.DockerSpawner.network_name = {network!r}
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.prefix = {prefix!r}
"""

ADMIN = """
c.DummyAuthenticator.password = {token!r}
c.JupyterHub.services = [{{"name": "bench-driver", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{
        "name": "bench-driver",
        "services": ["bench-driver"],
        "scopes": ["admin:users", "admin:servers", "servers", "list:users"],
    }}
]
"""


@dataclass(frozen=True)
class Addresses:
    """Where the parts of one hub listen."""

    public: str
    proxy: str
    proxy_api: str
    hub: str

    @classmethod
    def free(cls, gateway: str, with_front: bool) -> Addresses:
        """Free ports; without a front server people reach the proxy itself."""
        public, proxy, proxy_api = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
        return cls(public, proxy if with_front else public, proxy_api, f"http://{gateway}:{free_port(gateway)}")


@dataclass(frozen=True)
class Hub:
    """A running hub, and how to order servers of it."""

    title: str
    public_url: str
    token: str
    container_prefix: str
    processes: Mapping[str, int]
    """Name → process id of its parts: hub, proxy and, with a front web server, front."""

    def container_of(self, user: str) -> str:
        """Name of the container of that person's server; theirs are plain names."""
        return f"{self.container_prefix}{user}"

    def client(self) -> httpx.AsyncClient:
        """An HTTP client with the driver's rights."""
        return httpx.AsyncClient(
            base_url=self.public_url,
            headers={"Authorization": f"token {self.token}"},
            timeout=httpx.Timeout(120),
            limits=httpx.Limits(max_connections=200),
        )


@contextmanager
def two_hubs(image: Image) -> Iterator[tuple[Hub, Hub]]:
    """Lifedesk's hub and the stock one, both starting `image`; all they made is removed at the end."""
    with _place() as (folder, name, gateway), ExitStack() as stack:
        ours = stack.enter_context(_our_hub(folder / "ours", name, gateway, image, with_front=True))
        stock = stack.enter_context(_stock_hub(folder / "stock", name, gateway, image))
        yield ours, stock


@contextmanager
def our_hub(image: Image, with_front: bool) -> Iterator[Hub]:
    """Lifedesk's hub alone, with the front web server or with people's browsers at the proxy itself."""
    with _place() as (folder, name, gateway), _our_hub(folder / "ours", name, gateway, image, with_front) as hub:
        yield hub


@contextmanager
def _place() -> Iterator[tuple[Path, str, str]]:
    """A folder, the name of a Docker network and its gateway; all containers and volumes so named go at the end."""
    engine = docker.from_env()
    name = f"ldbench-{secrets.token_hex(3)}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lifedesk-bench-")))
        stack.callback(_remove, engine, name)
        yield folder, name, session_network(engine, name)[0]


@contextmanager
def _our_hub(folder: Path, name: str, gateway: str, image: Image, with_front: bool) -> Iterator[Hub]:
    state, token = State(folder), secrets.token_hex(16)
    addresses = Addresses.free(gateway, with_front)
    deployment = Deployment(
        name=name,
        state=folder,
        url=addresses.public,
        proxy_bind_url=addresses.public,
        proxy_api_url=addresses.proxy_api,
        proxy_url=addresses.proxy if with_front else None,
        hub_url=addresses.hub,
        network=name,
        images={image.name: image.tag},
        demo_issuer="http://localhost:9",
    )
    folder.mkdir()
    (folder / "hub").mkdir()
    commands = {}
    if with_front:
        assets.collect(docker.from_env(), deployment, lambda text: None)
        deployment = deployment.model_copy(update={"first_files": assets.first_files(deployment)})
        front.write_configuration(deployment)
        commands["front"] = front.command(deployment)
    site_file = folder / "lifedesk.yaml"
    site_file.write_text(json.dumps(image.site))
    state.keep(deployment, site_file, read_site(site_file))
    config = folder / "config.py"
    config.write_text(
        "from lifedesk_hub.node.state import hub_configuration\n"
        "get_config().merge(hub_configuration())\n" + ADMIN.format(token=token)
    )
    proxy_token = kept_secret(state.secrets / "proxy_token").get_secret_value()
    variables = {STATE_VARIABLE: str(folder), "CONFIGPROXY_AUTH_TOKEN": proxy_token}
    with _running("Lifedesk", folder, config, addresses, commands, variables) as processes:
        yield Hub("Lifedesk", addresses.public, token, f"{name}-", processes)


@contextmanager
def _stock_hub(folder: Path, name: str, gateway: str, image: Image) -> Iterator[Hub]:
    folder.mkdir()
    token, prefix = secrets.token_hex(16), f"{name}-stock"
    addresses = Addresses.free(gateway, with_front=False)
    config = folder / "config.py"
    text = STOCK.format(
        public=addresses.public,
        hub=addresses.hub,
        proxy_api=addresses.proxy_api,
        image=image.tag,
        network=name,
        prefix=prefix,
    )
    config.write_text(text + ADMIN.format(token=token))
    variables = {"CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16)}
    with _running("stock", folder, config, addresses, {}, variables) as processes:
        yield Hub("stock", addresses.public, token, f"{prefix}-", processes)


@contextmanager
def _running(
    title: str,
    folder: Path,
    config: Path,
    addresses: Addresses,
    others: Mapping[str, tuple[str, ...]],
    variables: Mapping[str, str],
) -> Iterator[dict[str, int]]:
    """Run the proxy, the hub and `others` (name → command) until the hub answers people; their process ids."""
    port, api_port = (address.rsplit(":", 1)[1] for address in (addresses.proxy, addresses.proxy_api))
    proxy: tuple[str, ...] = (
        str(NODE),
        str(PROXY_PROGRAM),
        "--ip",
        "127.0.0.1",
        "--port",
        port,
        "--default-target",
        addresses.hub,
    )
    proxy += ("--api-ip", "127.0.0.1", "--api-port", api_port, "--error-target", f"{addresses.hub}/hub/error")
    hub = (sys.executable, "-m", "jupyterhub", "-f", str(config))
    processes = {}
    with ExitStack() as stack:
        for name, command in {**others, "proxy": proxy, "hub": hub}.items():
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, cwd=folder, env={**os.environ, **variables}, stdout=log, stderr=log)
            processes[name] = process.pid
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        _wait(title, addresses.public, folder / "hub.log")
        yield processes


def _wait(title: str, public: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{public}/hub/api/").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"The {title} hub did not answer within {READY_SECONDS:.0f} s:\n{log.read_text()[-3000:]}")


def _remove(engine: docker.DockerClient, name: str) -> None:
    for container in engine.containers.list(all=True):
        if container.name.startswith(name):
            container.remove(force=True, v=True)
    for volume in engine.volumes.list():
        if volume.name.startswith(name):
            volume.remove()
    for network in engine.networks.list(names=[name]):
        network.remove()
