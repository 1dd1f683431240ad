"""Two real hubs on one Docker network: Lifedesk's, and a stock one with DockerSpawner as its documentation says."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import httpx

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.node.engine import session_network
from lifedesk_hub.node.nodejs import NODE
from lifedesk_hub.node.ports import free_port
from lifedesk_hub.node.programs import PROXY_PROGRAM
from lifedesk_hub.node.state import STATE_VARIABLE, State, read_site

READY_SECONDS = 60.0

SITE = {
    "name": "Benchmark",
    "contact": "nobody",
    "login": {"provider": "demo"},
    "groups": [{"name": "bench", "claim_values": ["bench"]}],
    "sizes": [{"slug": "small", "display_name": "Small", "cpu_limit": 1, "mem_limit": "1G"}],
    "profiles": [
        {"slug": "base", "display_name": "Base", "description": "Base", "image": "base", "sizes": ["small"]},
    ],
    # People of a benchmark are made through the hub's API; nobody logs in.
    "hub_override": {
        "JupyterHub": {"authenticator_class": "null"},
        "Authenticator": {"refresh_pre_spawn": False, "allow_all": True, "auth_refresh_age": 0},
    },
}

STOCK = """
c.JupyterHub.bind_url = {public!r}
c.JupyterHub.hub_bind_url = c.JupyterHub.hub_connect_url = {hub!r}
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = {proxy_api!r}
c.JupyterHub.authenticator_class = "null"
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = {image!r}
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.DockerSpawner.network_name = {network!r}
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.prefix = {prefix!r}
"""

ADMIN = """
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
class Hub:
    """A running hub, and how to order servers of it."""

    title: str
    public_url: str
    token: str

    def client(self) -> httpx.AsyncClient:
        """An HTTP client with the driver's rights."""
        return httpx.AsyncClient(
            base_url=self.public_url,
            headers={"Authorization": f"token {self.token}"},
            timeout=httpx.Timeout(120),
            limits=httpx.Limits(max_connections=200),
        )


@contextmanager
def two_hubs(image: str) -> Iterator[tuple[Hub, Hub]]:
    """Lifedesk's hub and the stock one, both starting `image`; all they made is removed at the end."""
    engine = docker.from_env()
    name = f"ldbench-{secrets.token_hex(3)}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lifedesk-bench-")))
        stack.callback(_remove, engine, name)
        gateway, _ = session_network(engine, name)
        ours = stack.enter_context(_our_hub(folder / "ours", name, gateway, image))
        stock = stack.enter_context(_stock_hub(folder / "stock", name, gateway, image))
        yield ours, stock


@contextmanager
def _our_hub(folder: Path, name: str, gateway: str, image: str) -> Iterator[Hub]:
    folder.mkdir()
    state = State(folder)
    public, api, token = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}", secrets.token_hex(16)
    deployment = Deployment(
        name=name,
        state=folder,
        url=public,
        proxy_bind_url=public,
        proxy_api_url=api,
        hub_url=f"http://{gateway}:{free_port(gateway)}",
        network=name,
        images={"base": image},
        demo_issuer="http://localhost:9",
    )
    site_file = folder / "lifedesk.yaml"
    site_file.write_text(json.dumps(SITE))
    state.keep(deployment, site_file, read_site(site_file))
    (folder / "hub").mkdir()
    config = folder / "config.py"
    config.write_text(
        "from lifedesk_hub.node.state import hub_configuration\n"
        "get_config().merge(hub_configuration())\n" + ADMIN.format(token=token)
    )
    proxy_token = secrets.token_hex(16)
    (folder / "secrets").mkdir(mode=0o700)
    kept = folder / "secrets" / "proxy_token"
    kept.touch(mode=0o600)
    kept.write_text(proxy_token)
    with _running(
        "Lifedesk", folder, config, deployment.hub_url, public, api, proxy_token, {STATE_VARIABLE: str(folder)}
    ):
        yield Hub("Lifedesk", public, token)


@contextmanager
def _stock_hub(folder: Path, name: str, gateway: str, image: str) -> Iterator[Hub]:
    folder.mkdir()
    public, api, token = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}", secrets.token_hex(16)
    hub = f"http://{gateway}:{free_port(gateway)}"
    config = folder / "config.py"
    text = STOCK.format(public=public, hub=hub, proxy_api=api, image=image, network=name, prefix=f"{name}-stock")
    config.write_text(text + ADMIN.format(token=token))
    with _running("stock", folder, config, hub, public, api, secrets.token_hex(16), {}):
        yield Hub("stock", public, token)


@contextmanager
def _running(
    title: str,
    folder: Path,
    config: Path,
    hub: str,
    public: str,
    api: str,
    proxy_token: str,
    environment: dict[str, str],
) -> Iterator[None]:
    variables = {**os.environ, **environment, "CONFIGPROXY_AUTH_TOKEN": proxy_token}
    public_port, api_port = public.rsplit(":", 1)[1], api.rsplit(":", 1)[1]
    proxy_command = [str(NODE), str(PROXY_PROGRAM), "--ip", "127.0.0.1", "--port", public_port, "--default-target", hub]
    proxy_command += ["--api-ip", "127.0.0.1", "--api-port", api_port, "--error-target", f"{hub}/hub/error"]
    hub_command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    with ExitStack() as stack:
        for name, command in (("proxy", proxy_command), ("hub", hub_command)):
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        _wait(title, public, folder / "hub.log")
        yield


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
