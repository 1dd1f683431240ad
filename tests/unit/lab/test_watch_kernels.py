"""Kernels that die in a real Jupyter server, and what is told of each death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import lifedesk_lab
from lifedesk_hub.node.ports import free_port
from lifedesk_lab.watch.kernels import KernelEnd, kernel_notice
from tests.support.waiting import wait_until
from tests.unit.lab.conftest import TOKEN

GIB = 1024**3
LOST = "Your files are safe. What the kernel held in its variables is gone; it has started again, empty."


@dataclass(frozen=True)
class Running:
    """A Jupyter server in a process of its own."""

    process: subprocess.Popen[bytes]
    client: httpx.Client

    def notices(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.client.get("lifedesk/api/notices").json()
        return found

    def notice_about(self, kernel_id: str) -> dict[str, str]:
        """The notice about a kernel, once it stands."""
        return wait_until(
            lambda: next((notice for notice in self.notices() if notice["about"] == f"kernel:{kernel_id}"), {}),
            "no notice came",
        )

    def start_for(self, path: str) -> tuple[str, int]:
        """A new session for the notebook `path`: its kernel's id and process number."""
        wanted = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        answer = self.client.post("api/sessions", json=wanted)
        assert answer.status_code == 201, answer.text
        kernel_id = answer.json()["kernel"]["id"]
        return kernel_id, self.process_of(kernel_id)

    def process_of(self, kernel_id: str) -> int:
        """The process of that kernel, whose command line names the file with its connection."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        [found] = [int(child) for child in children if kernel_id in Path(f"/proc/{child}/cmdline").read_text()]
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("kernels"), free_port()
    source = Path(lifedesk_lab.__file__).parents[1]
    places = {name: str(folder) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    options = [
        "--allow-root",
        f"--port={port}",
        f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.jpserver_extensions=lifedesk_lab=True",
        "--KernelManager.transport=ipc",
        "--KernelRestarter.time_to_dead=0.1",
        f"--ServerApp.root_dir={folder}",
    ]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options],
            env={**os.environ, **places, "PYTHONPATH": str(source)},
            stdout=log,
            stderr=log,
        ) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}/", headers={"Authorization": f"token {TOKEN}"}, timeout=30
        ) as client,
    ):
        try:
            wait_until(lambda: _answers(client), f"the server did not answer, see {folder}/log")
            yield Running(process, client)
        finally:
            process.terminate()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("api").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("number", "how"),
    [
        (signal.SIGSEGV, "by signal 11 (SIGSEGV, segmentation fault)"),
        (signal.SIGKILL, "by signal 9 (SIGKILL, killed)"),
    ],
)
def test_a_dead_kernel_is_told_with_its_notebook_and_its_signal(
    running: Running, number: signal.Signals, how: str
) -> None:
    kernel_id, process = running.start_for(f"{number.name}/analysis.ipynb")
    os.kill(process, number)
    notice = running.notice_about(kernel_id)
    assert notice["summary"] == f"The kernel of {number.name}/analysis.ipynb ended by itself {how}."
    assert notice["kind"] == "warning"
    assert LOST in notice["advice"]


def test_a_kernel_that_is_restarted_or_shut_down_on_request_is_no_news(running: Running) -> None:
    asked, _ = running.start_for("asked.ipynb")
    assert running.client.post(f"api/kernels/{asked}/restart").status_code == 200
    assert running.client.delete(f"api/kernels/{asked}").status_code == 204
    # One that does die afterwards is told of: nobody was merely slow.
    other, process = running.start_for("other.ipynb")
    os.kill(process, signal.SIGKILL)
    running.notice_about(other)
    assert f"kernel:{asked}" not in [notice["about"] for notice in running.notices()]


def test_the_machine_would_end_a_kernel_before_the_server(running: Running) -> None:
    kernel_id, process = running.start_for("large.ipynb")
    wait_until(lambda: _score(process) == "500", "the kernel's score was not raised")
    assert running.client.post(f"api/kernels/{kernel_id}/restart").status_code == 200
    restarted = running.process_of(kernel_id)
    assert restarted != process
    wait_until(lambda: _score(restarted) == "500", "the restarted kernel's score was not raised")
    assert _score(running.process.pid) == _score(os.getpid())


def _score(process: int) -> str:
    return Path(f"/proc/{process}/oom_score_adj").read_text().strip()


def test_a_kernel_without_memory_names_the_limit_and_what_to_do() -> None:
    end = KernelEnd("k", "analysis.ipynb", -9, by_memory=True)
    notice = kernel_notice(end, 2 * GIB)
    assert notice.summary == (
        "The kernel of analysis.ipynb was ended because the session used all of its 2 GB of memory."
    )
    assert notice.kind == "error"
    assert notice.advice == (
        f"{LOST}\nBefore you run it again: shut down kernels and programs you no longer need, read the data lazily or "
        "in parts, or stop the session and start it with a larger size."
    )
    assert kernel_notice(end, None).summary == (
        "The kernel of analysis.ipynb was ended because the machine had no memory left."
    )


def test_a_kernel_that_cannot_start_says_what_else_to_choose() -> None:
    notice = kernel_notice(KernelEnd("k", "'python3'", 1, by_memory=False, is_given_up=True), None)
    assert notice.summary == "The kernel of 'python3' ended again and again with exit code 1."
    assert "lifedesk-environment remove" in notice.advice
    assert "it is not started again" in notice.advice
