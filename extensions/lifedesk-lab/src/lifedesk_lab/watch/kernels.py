"""Kernels that die: of what, and whose they were. JupyterLab itself says only that one is gone."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from dataclasses import dataclass, replace
from functools import partial

from jupyter_server.serverapp import ServerApp

from lifedesk_lab.memory_score import raise_score
from lifedesk_lab.notices import Notice, post
from lifedesk_lab.watch import words
from lifedesk_lab.watch.ledger import Ledger

_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
_LOST = "Your files are safe. What the kernel held in its variables is gone; it has started again, empty."
_LOST_FOR_GOOD = "Your files are safe. What the kernel held in its variables is gone, and it is not started again."
_MEMORY_ADVICE = (
    "Before you run it again: shut down kernels and programs you no longer need, read the data lazily or in parts, "
    "or stop the session and start it with a larger size."
)
_CRASH_ADVICE = "That is a fault in a compiled library, not in your notebook. It helps to know which line was running."
_START_ADVICE = (
    "It cannot start. Choose another kernel in JupyterLab's Kernel menu; if it is one of an environment of your own, "
    "throw that away with `lifedesk-environment remove NAME` in a terminal."
)
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT)


@dataclass(frozen=True)
class KernelEnd:
    """How a kernel ended without having been asked to."""

    kernel_id: str
    whose: str
    """The path of its notebook, or its own name."""
    code: int | None
    """Return code of its process as Python gives it; None for a process that is not here."""
    by_memory: bool
    is_given_up: bool = False
    """Whether Jupyter has tried to start it again and does so no more."""


def kernel_notice(end: KernelEnd, limit_bytes: int | None) -> Notice:
    """What to tell the user of it."""
    about = f"kernel:{end.kernel_id}"
    lost = _LOST_FOR_GOOD if end.is_given_up else _LOST
    if end.by_memory:
        summary = f"The kernel of {end.whose} was ended because {words.all_memory(limit_bytes)}."
        return Notice(about=about, kind="error", summary=summary, advice=f"{lost}\n{_MEMORY_ADVICE}")
    how = f" {words.end(end.code)}" if end.code is not None else ""
    if end.is_given_up:
        summary = f"The kernel of {end.whose} ended again and again{how}."
        return Notice(about=about, kind="error", summary=summary, advice=f"{lost}\n{_START_ADVICE}")
    advice = f"{lost}\n{_CRASH_ADVICE}" if end.code is not None and -end.code in _CRASHES else lost
    summary = f"The kernel of {end.whose} ended by itself{how}."
    return Notice(about=about, kind="warning", summary=summary, advice=advice)


class KernelDeaths:
    """Posts a notice for each kernel of `server` that dies without having been asked to."""

    def __init__(self, server: ServerApp, ledger: Ledger) -> None:
        self._server = server
        self._ledger = ledger
        self.numbers: set[int] = set()
        """The process numbers of all kernels there ever were."""
        self._watched: set[str] = set()
        self._telling: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Watch every kernel from its start on."""
        self._server.event_logger.add_listener(schema_id=_ACTIONS, listener=self._on_action)

    def has_unnoticed(self) -> bool:
        """Whether a kernel has ended that Jupyter has not found yet."""
        manager = self._server.kernel_manager
        processes = [_process(manager.get_kernel(kernel_id)) for kernel_id in manager.list_kernel_ids()]
        return any(process is not None and process.poll() is not None for process in processes)

    async def _on_action(self, logger: object, schema_id: str, data: dict[str, object]) -> None:
        kernel_id = str(data.get("kernel_id"))
        if data.get("status") != "success" or kernel_id not in self._server.kernel_manager:
            return
        kernel = self._server.kernel_manager.get_kernel(kernel_id)
        if data["action"] in ("start", "restart") and (process := _process(kernel)):
            self.numbers.add(process.pid)
            raise_score(process.pid)
        if data["action"] == "shutdown":
            self._watched.discard(kernel_id)
        elif kernel_id not in self._watched:
            self._watched.add(kernel_id)
            kernel.add_restart_callback(partial(self._ended, kernel_id, kernel, False), "restart")
            kernel.add_restart_callback(partial(self._ended, kernel_id, kernel, True), "dead")

    def _ended(self, kernel_id: str, kernel: object, is_given_up: bool) -> None:
        process = _process(kernel)
        code = process.returncode if process else None
        by_memory = code in (None, -signal.SIGKILL) and self._ledger.claim()
        name = repr(getattr(kernel, "kernel_name", "unknown"))
        end = KernelEnd(kernel_id, name, code, by_memory, is_given_up)
        telling = asyncio.get_running_loop().create_task(self._tell(end))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _tell(self, end: KernelEnd) -> None:
        sessions = await self._server.session_manager.list_sessions()
        paths = [str(session["path"]) for session in sessions if session["kernel"]["id"] == end.kernel_id]
        whose = words.short(paths[0]) if paths else end.whose
        notice = kernel_notice(replace(end, whose=whose), self._ledger.limit_bytes())
        self._server.log.warning("%s", notice.summary)
        post(notice)


def _process(kernel: object) -> subprocess.Popen[bytes] | None:
    """The kernel's process; None for one that runs elsewhere."""
    process = getattr(getattr(kernel, "provisioner", None), "process", None)
    return process if isinstance(process, subprocess.Popen) else None
