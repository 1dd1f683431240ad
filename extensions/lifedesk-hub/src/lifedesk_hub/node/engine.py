"""The container engine of this machine, and the sessions' own network on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors
import requests
from docker.models.networks import Network as DockerNetwork

from lifedesk_hub.errors import NodeError

ENGINE_START_SECONDS = 60.0


def connect() -> docker.DockerClient | None:
    """A client of the running engine, or None if nothing answers."""
    if not _is_listening(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")):
        return None
    try:
        client = docker.from_env(timeout=30)
    except docker.errors.DockerException:
        return None
    try:
        client.ping()
    except (docker.errors.DockerException, requests.RequestException):
        client.close()
        return None
    return client


def _is_listening(address: str) -> bool:
    """Whether anything takes connections at a unix socket; other addresses are the client's to try.

    Docker's own client leaves sockets open when its first question finds nobody.
    """
    if not address.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address.removeprefix("unix://"))
        except OSError:
            return False
    return True


def engine(log: Path) -> docker.DockerClient:
    """A client of the engine, started if nothing runs it. Raises `NodeError`."""
    client = connect()
    if client is not None:
        return client
    if os.geteuid() != 0:
        raise NodeError(
            "The Docker engine does not answer. Start it (sudo systemctl start docker) and make sure that you may use "
            "it (sudo usermod -aG docker $USER, then log in again)."
        )
    _start(log)
    return _wait_for_engine(log)


@contextmanager
def engine_in_words() -> Iterator[None]:
    """Turn what the engine's client raises into a `NodeError`."""
    try:
        yield
    except (docker.errors.DockerException, requests.RequestException) as error:
        reason = getattr(error, "explanation", None) or error
        raise NodeError(f"The Docker engine did not do what it should: {reason} Run the command again.") from error


def _start(log: Path) -> None:
    if Path("/run/systemd/system").is_dir():
        done = subprocess.run(["systemctl", "start", "docker"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NodeError(f"systemd did not start the Docker engine: {done.stderr.strip()} See: journalctl -u docker")
        return
    _forget_stale_pid()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        # Forked away: the engine is to outlive this command, which is nobody's to wait for.
        command = ["setsid", "--fork", shutil.which("dockerd") or "/usr/sbin/dockerd"]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=True)


def _forget_stale_pid() -> None:
    """An engine that was killed leaves its pid file behind, and the next one refuses to start over it."""
    for pid_file in (Path("/var/run/docker.pid"), Path("/run/docker/containerd/containerd.pid")):
        try:
            pid = int(pid_file.read_text())
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError):
            name = ""
        if name not in {"dockerd", "containerd"}:
            pid_file.unlink(missing_ok=True)


def _wait_for_engine(log: Path) -> docker.DockerClient:
    deadline = time.monotonic() + ENGINE_START_SECONDS
    while time.monotonic() < deadline:
        client = connect()
        if client is not None:
            return client
        time.sleep(0.2)
    raise NodeError(f"The Docker engine did not answer within {ENGINE_START_SECONDS:.0f} s. Its log: {log}")


def session_network(client: docker.DockerClient, name: str) -> tuple[str, str]:
    """Gateway address and bridge interface of the sessions' network, made if it is not there.

    Sessions cannot reach each other on it. Docker chooses a free address range. Raises `NodeError`.
    """
    bridge = bridge_name(name)
    try:
        network = _existing(client, name) or client.networks.create(
            name,
            driver="bridge",
            check_duplicate=True,
            labels={"eu.lifedesk.node": name},
            options={
                "com.docker.network.bridge.name": bridge,
                "com.docker.network.bridge.enable_icc": "false",
            },
        )
        network.reload()
        return str(network.attrs["IPAM"]["Config"][0]["Gateway"]), bridge
    except (docker.errors.APIError, LookupError) as error:
        raise NodeError(f"The sessions' network {name} could not be made: {error}") from error


def bridge_name(network: str) -> str:
    """The network's interface on the host: at most 15 characters, as Linux wants."""
    return network.replace("lifedesk", "ld", 1)[:15]


def _existing(client: docker.DockerClient, name: str) -> DockerNetwork | None:
    return next((network for network in client.networks.list(names=[name]) if network.name == name), None)


def session_containers(client: docker.DockerClient, node: str) -> list[docker.models.containers.Container]:
    """The containers of that node's sessions, running or not."""
    return list(client.containers.list(all=True, filters={"label": f"eu.lifedesk.node={node}"}))
