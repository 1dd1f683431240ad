"""Containers of a session's image for tests: to write the demo archive, to run notebooks, to run JupyterLab."""

from __future__ import annotations

import json
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lifedesk_hub.node.ports import free_port
from tests.support.waiting import wait_until

SITE = "/data/site"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    address: str
    token: str
    container: str

    def notebook(self, name: str) -> str:
        """The address that opens a notebook."""
        return f"{self.address}/lab/tree/{name}?token={self.token}"

    def page(self, path: str) -> str:
        """The address of one of its pages, logged in."""
        return f"{self.address}/{path}{'&' if '?' in path else '?'}token={self.token}"

    def run(self, script: str) -> str:
        """What a shell script prints in its container."""
        done = subprocess.run(
            ["docker", "exec", self.container, "sh", "-c", script], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_ready(self) -> bool:
        """Whether it answers requests."""
        with urllib.request.urlopen(f"{self.address}/api?token={self.token}", timeout=5) as answer:
            return bool(answer.status == 200)


def run_in(image: str, *command: str, mounts: Mapping[str, str], timeout_seconds: float = 300) -> str:
    """What `command` prints in a new container without a network, removed afterwards; `mounts` maps source to target.

    Fails the test with both outputs when the command does.
    """
    volumes = [part for source, target in mounts.items() for part in ("--volume", f"{source}:{target}")]
    name = f"ldtest-{uuid.uuid4().hex[:12]}"
    try:
        done = subprocess.run(
            ["docker", "run", "--rm", "--name", name, "--network", "none", *volumes, image, *command],
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
        raise
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed in {image}:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
    return done.stdout


def write_demo_site(image: str, folder: Path) -> Path:
    """The demo's site archive in `folder`, written as `./lifedesk up` writes it: in a container of the image."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)  # written by the session's user
    run_in(image, "python", "-m", "lifedesk_catalogue.demo_site", SITE, mounts={str(folder): SITE})
    return folder


@contextmanager
def jupyterlab(image: str, site: Path, notebooks: Path) -> Iterator[Lab]:
    """A JupyterLab in a new container that answers: `site` at /data/site, `notebooks` as its folder."""
    name, port, token = f"ldtest-{uuid.uuid4().hex[:12]}", free_port(), uuid.uuid4().hex
    container = ["--detach", "--name", name, "--publish", f"127.0.0.1:{port}:8888"]
    volumes = ["--volume", f"{site}:{SITE}:ro", "--volume", f"{notebooks}:/notebooks:ro"]
    archives = ["--env", "LIFEDESK_ARCHIVES=" + json.dumps({"site": {"path": SITE}})]
    lab = ["jupyter", "lab", "--no-browser", "--ip=0.0.0.0", "--port=8888", f"--IdentityProvider.token={token}"]
    folder = "--ServerApp.root_dir=/notebooks"
    subprocess.run(
        ["docker", "run", *container, *volumes, *archives, image, *lab, folder], check=True, capture_output=True
    )
    lab_server = Lab(f"http://127.0.0.1:{port}", token, name)
    try:
        wait_until(lab_server.is_ready, "JupyterLab did not answer", timeout_seconds=90)
        yield lab_server
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, check=False)
