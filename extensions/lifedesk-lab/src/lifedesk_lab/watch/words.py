"""What notices say of memory, sizes and ends of processes, in plain words."""

from __future__ import annotations

import signal

_PATH_LENGTH = 60
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def size(count: int) -> str:
    """A number of bytes as people say it, in steps of 1024 as the sizes of sessions are: `1.5 GB`."""
    amount, unit = float(count), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.3g} {_UNITS[unit]}"


def short(path: str) -> str:
    """A path of at most 60 characters, so that the sentence around it fits into a toast; its end says the most."""
    return path if len(path) <= _PATH_LENGTH else f"…{path[1 - _PATH_LENGTH :]}"


def all_memory(limit_bytes: int | None) -> str:
    """The reason for an end by the memory limit, after "because"."""
    if limit_bytes is None:
        return "the machine had no memory left"
    return f"the session used all of its {size(limit_bytes)} of memory"


def end(code: int) -> str:
    """How a process ended, from its return code as Python gives it: below zero it is a signal's number."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"by signal {-code}"
    return f"by signal {-code} ({name}, {(signal.strsignal(-code) or name).lower()})"
