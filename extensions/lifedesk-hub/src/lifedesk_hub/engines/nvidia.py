"""The NVIDIA GPUs of this machine, and which of them can take a session.

The kernel driver lists them as `/proc/driver/nvidia/gpus/ADDRESS/information`, lines of `Name: value` with `GPU UUID`
among them. Docker hands one on by its UUID, with the NVIDIA container toolkit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

DRIVER_FOLDER = Path("/proc/driver/nvidia/gpus")


def gpus_in(folder: Path) -> tuple[str, ...]:
    """UUIDs of the GPUs that the driver lists, in the order of their addresses; none without a driver.

    One that nothing has used since the machine started has no UUID yet, but question marks: it is left out.
    """
    try:
        listed = [file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*/information"))]
    except OSError:
        return ()
    return tuple(uuid for text in listed if (uuid := _uuid(text)) and "?" not in uuid)


def free_gpus(there: Sequence[str], taken: Iterable[str], sessions_per_gpu: int) -> list[str]:
    """The GPUs that can take one session more, the least used first; `taken` names a GPU once for each session."""
    uses = Counter(taken)
    return sorted((gpu for gpu in there if uses[gpu] < sessions_per_gpu), key=lambda gpu: uses[gpu])


def _uuid(text: str) -> str:
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}
    return fields.get("GPU UUID", "")
