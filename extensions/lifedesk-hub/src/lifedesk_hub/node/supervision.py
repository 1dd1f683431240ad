"""The node's processes under supervisord: started in order, started again when they end, their logs rotated."""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

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
                f"pidfile={state.root / 'supervisor.pid'}",
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

    @property
    def _calls(self) -> Any:
        """supervisord's methods, over a connection of their own: one that failed once is of no use again."""
        transport = SupervisorTransport(None, None, f"unix://{self.state.supervisor_socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def states(self) -> dict[str, str]:
        """Program name → supervisord's word for its state (`RUNNING`, `BACKOFF`, …); empty when it does not run."""
        try:
            found: list[dict[str, Any]] = self._calls.getAllProcessInfo()
        except _NO_ANSWER:
            return {}
        return {str(process["name"]): str(process["statename"]) for process in found}

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
        if not self._is_running():
            self._start()
            return
        [[added, changed, removed]] = self._calls.reloadConfig()
        for name in (*removed, *changed):
            self._calls.stopProcessGroup(name)
            self._calls.removeProcessGroup(name)
        for name in (*changed, *added):
            self._calls.addProcessGroup(name)
        for name, current in self.states().items():
            if current not in {"RUNNING", "STARTING"}:
                self._calls.startProcess(name, False)

    def restart(self, name: str) -> None:
        """Stop that program and start it again."""
        try:
            self._calls.stopProcess(name)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.NOT_RUNNING:
                raise NodeError(f"{name} could not be stopped: {fault.faultString}") from fault
        self._calls.startProcess(name, False)

    def stop(self) -> bool:
        """Stop all programs and supervisord itself; whether it was running."""
        if not self._is_running():
            return False
        self._calls.shutdown()
        deadline = time.monotonic() + 60
        while self._is_running():
            if time.monotonic() > deadline:
                raise NodeError(f"The node's processes did not stop within 60 s. See {self.state.logs}")
            time.sleep(0.1)
        return True

    def _is_running(self) -> bool:
        try:
            self._calls.getPID()
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
        while not self._is_running():
            if time.monotonic() > deadline:
                raise NodeError(f"The node's supervisor did not answer. Its log: {self.state.logs / 'supervisor.log'}")
            time.sleep(0.05)
