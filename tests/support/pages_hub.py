"""A real hub behind the real proxy, with our pages and small stand-ins for login and sessions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
from playwright.sync_api import Page

from lifedesk_hub.node.ports import free_port
from tests.support.pages_hub_config import GATES
from tests.support.proxy import proxy_command
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class PagesHub:
    """A running hub, and the gates its sessions start through."""

    url: str
    folder: Path

    @property
    def gates(self) -> Path:
        return self.folder / "gates"

    def log_in(self, page: Page, person: str, path: str = "/hub/home") -> None:
        """Open `path` as that person; a first login makes the account."""
        page.goto(f"{self.url}/hub/provider?{urlencode({'person': person, 'next': path})}")

    def hold(self, person: str, stage: str) -> None:
        """Let that person's next session wait in `stage`."""
        self._gate(person, "hold", stage).touch()

    def release(self, person: str, stage: str) -> None:
        """Let it go on."""
        self._gate(person, "hold", stage).unlink()

    def fail(self, person: str, stage: str, sentence: str) -> None:
        """Let that person's sessions fail in `stage` until it is mended."""
        self._gate(person, "fail", stage).write_text(sentence)

    def mend(self, person: str, stage: str) -> None:
        """Let them start again."""
        self._gate(person, "fail", stage).unlink()

    def kill_proxy(self) -> None:
        """End the proxy; the hub soon starts it anew. Returns once it answers nobody."""
        os.kill(int((self.folder / "proxy.pid").read_text().split()[0]), signal.SIGKILL)
        wait_until(lambda: not self._answers(), "the killed proxy still answers")

    def is_up(self) -> bool:
        """Whether the hub answers through the proxy."""
        return httpx.get(f"{self.url}/hub/api/").status_code == 200

    def _answers(self) -> bool:
        try:
            return self.is_up()
        except httpx.HTTPError:
            return False

    def _gate(self, person: str, kind: str, stage: str) -> Path:
        return self.gates / f"{quote(person, safe=' ')}.{kind}-{stage}"


@contextmanager
def pages_hub(folder: Path) -> Iterator[PagesHub]:
    """A hub that keeps everything in `folder` and is gone afterwards, its sessions and its proxy with it."""
    ports = (free_port(), free_port(), free_port())
    hub = PagesHub(f"http://127.0.0.1:{ports[0]}", folder)
    hub.gates.mkdir(parents=True)
    (folder / "jupyterhub_config.py").write_text(
        "from pathlib import Path\n"
        "from tests.support.pages_hub_config import configure\n"
        f"configure(get_config(), Path({str(folder)!r}), {proxy_command()!r}, {ports!r})\n"
    )
    python_path = os.pathsep.join((str(ROOT), str(ROOT / "extensions" / "lifedesk-hub" / "src")))
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"],
            cwd=folder,
            env={**os.environ, GATES: str(hub.gates), "PYTHONPATH": python_path},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(
            lambda: process.poll() is not None or hub._answers(),
            f"the hub did not start: see {folder / 'hub.log'}",
            timeout_seconds=90,
        )
        if process.poll() is not None:
            raise AssertionError(f"the hub ended at once:\n{(folder / 'hub.log').read_text()[-3000:]}")
        yield hub
    finally:
        process.terminate()
        process.wait(timeout=30)
