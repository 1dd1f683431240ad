"""Wait for a condition with a deadline and a sentence, never for a length of time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], sentence: str, timeout_seconds: float = 30.0) -> T:
    """The first true value of `condition`, asked every 50 ms.

    Raises `AssertionError` with `sentence` (and the last error of `condition`, if it raised) after
    `timeout_seconds`.
    """
    deadline = time.monotonic() + timeout_seconds
    pause = threading.Event()
    last_error: Exception | None = None
    while True:
        try:
            value = condition()
            last_error = None
        except (OSError, AssertionError, LookupError, ValueError) as error:
            last_error = error
        else:
            if value:
                return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{sentence} (waited {timeout_seconds:.0f} s)") from last_error
        pause.wait(0.05)
