"""Whom the machine ends when the session's memory is used up: programs and kernels, never the session itself.

It takes the process with the highest score: what the process uses, plus what stands in its `oom_score_adj`, in
thousandths of the limit. Kernels, programs of the desktop and terminals get half of the limit on top, so it takes the
largest among them, and neither the server nor the display, with which all of the session would end.
https://man7.org/linux/man-pages/man5/proc_pid_oom_score_adj.5.html
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

RAISED = 500


def raise_score(number: int) -> None:
    """Raise the score of the process of that number; one that has ended, or whose score is higher, stays as it is."""
    with suppress(OSError):
        Path(f"/proc/{number}/oom_score_adj").write_text(str(RAISED), encoding="ascii")


def with_raised_score(argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` with a raised score, from its first moment on; choom becomes the program."""
    return ["choom", f"--adjust={RAISED}", "--", *argv]
