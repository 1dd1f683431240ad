"""Programs that tests run beside themselves, ended with all their children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from tests.support.waiting import wait_until


class Process:
    """A program in a process group of its own, its output in a file."""

    def __init__(
        self, command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def assert_running(self) -> None:
        """Raises `RuntimeError` with the end of the output if the program has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"the program ended ({self._process.returncode}):\n{self.output()[-3000:]}")

    def until_answers(self, url: str) -> None:
        """Waits until that address is answered with status 200; `RuntimeError` as soon as the program has ended."""

        def is_up() -> bool:
            self.assert_running()
            try:
                return httpx.get(url, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(is_up, f"nothing answers at {url}: see {self.log}", timeout_seconds=60)

    def output(self) -> str:
        """All that the program has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Asks the program to end, then ends what is left of its group."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=15)
