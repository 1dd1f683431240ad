"""What a desktop leaves behind when its display server is gone: processes that do not notice, and helpers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lifedesk_lab.desktop.settings import MARK


def marked(mark: str, proc: Path = Path("/proc")) -> Iterator[int]:
    """The processes whose environment says they belong to the desktop `mark`.

    Those that ignore SIGHUP are left out: somebody started them with nohup, to outlive what they came from.
    """
    wanted = f"{MARK}={mark}".encode()
    for folder in proc.iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0") and not _ignores_hangup(folder):
                yield int(folder.name)


def end_all(mark: str, with_signal: signal.Signals) -> int:
    """Send a signal to each of them; how many there were."""
    found = list(marked(mark))
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process, with_signal)
    return len(found)


def _ignores_hangup(folder: Path) -> bool:
    for line in (folder / "status").read_text().splitlines():
        if line.startswith("SigIgn:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGHUP - 1) & 1)
    return False
