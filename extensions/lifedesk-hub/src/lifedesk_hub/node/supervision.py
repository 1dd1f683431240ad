"""The node's processes under supervisord: started in order, started again when they end, their logs rotated."""

from __future__ import annotations

import http.client
import os
import shlex
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.state import State, write_whole

PASSED_ON = (
    "PATH",
    "LANG",
    "HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
)
"""What the processes get of the operator's environment: how to reach the network, and nothing private."""
SOCKET_PATH_LIMIT = 100
"""A unix socket's path may have 107 characters on Linux."""
STOP_SECONDS = 60.0
_NO_ANSWER = (OSError, http.client.HTTPException, xmlrpc.client.Error)


@dataclass(frozen=True)
class Program:
    """One process of the node."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    priority: int = 100


def configuration(state: State, programs: tuple[Program, ...]) -> str:
    """The supervisord configuration that runs `programs`. Holds no secret."""
    sections = [
        f"[unix_http_server]\nfile={state.supervisor_socket}\nchmod=0600",
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        "\n".join(
            [
                "[supervisord]",
                f"logfile={state.logs / 'supervisor.log'}",
                "logfile_maxbytes=2MB",
                "logfile_backups=1",
                f"pidfile={state.supervisor_pid}",
                f"directory={state.root}",
                "umask=077",
                *(["user=root"] if os.geteuid() == 0 else []),
            ]
        ),
    ]
    sections += [_section(state, program) for program in programs]
    return "\n\n".join(sections) + "\n"


def _section(state: State, program: Program) -> str:
    environment = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(program.environment.items()))
    return "\n".join(
        [
            f"[program:{program.name}]",
            f"command={_escaped(shlex.join(program.command))}",
            f"environment={environment}",
            f"priority={program.priority}",
            "autorestart=true",
            "startsecs=1",
            "startretries=5",
            "stopasgroup=false",
            "stopwaitsecs=15",
            "redirect_stderr=true",
            f"stdout_logfile={state.logs / program.name}.log",
            "stdout_logfile_maxbytes=5MB",
            "stdout_logfile_backups=3",
        ]
    )


def _escaped(value: str) -> str:
    return value.replace("%", "%%")


class Supervisor:
    """The supervisord of one node."""

    def __init__(self, state: State) -> None:
        self.state = state

    @contextmanager
    def _calls(self) -> Iterator[Any]:
        """supervisord's methods, over a connection of their own: one that failed once is of no use again."""
        with closing(SupervisorTransport(None, None, f"unix://{self.state.supervisor_socket}")) as transport:
            yield xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def states(self) -> dict[str, str]:
        """Program name → supervisord's word for its state (`RUNNING`, `BACKOFF`, …); empty when it does not run."""
        return {str(process["name"]): str(process["statename"]) for process in self._processes()}

    def pids(self) -> dict[str, int]:
        """Program name → process id, 0 while it does not run; another one after each new start."""
        return {str(process["name"]): int(process["pid"]) for process in self._processes()}

    def _processes(self) -> list[dict[str, Any]]:
        try:
            with self._calls() as calls:
                found: list[dict[str, Any]] = calls.getAllProcessInfo()
        except _NO_ANSWER:
            return []
        return found

    def runs_exactly(self, programs: tuple[Program, ...]) -> bool:
        """Whether these programs run, as described, and no others."""
        try:
            written = self.state.supervisor_conf.read_text(encoding="utf-8")
        except OSError:
            return False
        states = self.states()
        return written == configuration(self.state, programs) and states == {item.name: "RUNNING" for item in programs}

    def apply(self, programs: tuple[Program, ...]) -> None:
        """Run exactly `programs`; those that already run as described go on. Raises `NodeError`."""
        if len(str(self.state.supervisor_socket)) > SOCKET_PATH_LIMIT:
            raise NodeError(
                f"The state folder's path is too long for a socket: choose a shorter one ({self.state.root})."
            )
        self.state.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.state.supervisor_conf, configuration(self.state, programs))
        if not self.is_running:
            self._start()
            return
        try:
            with self._calls() as calls:
                self._change(calls)
        except xmlrpc.client.Fault as fault:
            raise NodeError(f"The node's supervisor refused an order: {fault.faultString}. Run it again.") from fault

    def _change(self, calls: Any) -> None:
        """Take over what is new in the configuration, and start what stands still."""
        [[added, changed, removed]] = calls.reloadConfig()
        for name in (*removed, *changed):
            calls.stopProcessGroup(name)
            calls.removeProcessGroup(name)
        for name in (*changed, *added):
            calls.addProcessGroup(name)
        for name, current in self.states().items():
            if current not in {"RUNNING", "STARTING", "BACKOFF"}:
                calls.startProcess(name, False)

    def stop(self) -> bool:
        """Stop all programs and supervisord itself, and wait for its end; whether anything was running."""
        if not self.is_running:
            return end_orphans(self.state)
        with self._calls() as calls:
            calls.shutdown()
        deadline = time.monotonic() + STOP_SECONDS
        # It answers no question any more while it ends, but the next one cannot start before it has.
        while self.state.supervisor_pid.exists():
            if time.monotonic() > deadline:
                raise NodeError(f"The node's processes did not stop within {STOP_SECONDS:.0f} s. See {self.state.logs}")
            time.sleep(0.1)
        return True

    @property
    def is_running(self) -> bool:
        """Whether supervisord itself runs."""
        try:
            with self._calls() as calls:
                calls.getPID()
        except _NO_ANSWER:
            return False
        return True

    def _start(self) -> None:
        command = [str(Path(sys.executable).with_name("supervisord")), "-c", str(self.state.supervisor_conf)]
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.state.root, env=environment
        )
        if done.returncode != 0:
            raise NodeError(f"The node's supervisor did not start: {(done.stderr or done.stdout).strip()}")
        deadline = time.monotonic() + 20
        while not self.is_running:
            if time.monotonic() > deadline:
                raise NodeError(f"The node's supervisor did not answer. Its log: {self.state.logs / 'supervisor.log'}")
            time.sleep(0.05)


def end_orphans(state: State) -> bool:
    """End the node's programs that a killed supervisord left behind; whether there were any. Raises `NodeError`."""
    orphans = _orphans(state)
    for pid in orphans:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while left := _orphans(state):
        if time.monotonic() > deadline:
            raise NodeError(f"Processes that an earlier start of this node left behind do not end: {left}")
        time.sleep(0.1)
    return bool(orphans)


def _orphans(state: State) -> list[int]:
    """The processes that this node's supervisord started: it leaves its address in their environment."""
    mark = f"SUPERVISOR_SERVER_URL=unix://{state.supervisor_socket}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
        except OSError:
            continue  # it ended, or is somebody else's
    return found
