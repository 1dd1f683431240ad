"""Show what a long command is doing: one line a step, with the time it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Step:
    """One step under way."""

    def __init__(self, title: str, console: Console, status: Status | None) -> None:
        self.title = title
        self._console = console
        self.outcome = "done"
        self._status = status
        self._started = time.monotonic()

    def note(self, text: str) -> None:
        """Say what is happening right now."""
        if self._status is not None:
            self._status.update(f"{self.title}: [dim]{text}[/dim] ({self.seconds:.0f} s)")

    def say(self, sentence: str) -> None:
        """Print something that stays."""
        self._console.print(f"  {sentence}", highlight=False)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started


class Steps:
    """Prints the steps of one command on `console`."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show `title` with a spinner while the body runs, and how it ended."""
        if not self.console.is_terminal:
            step = Step(title, self.console, None)
            self.console.print(f"… {title}", highlight=False)
            yield step
        else:
            with self.console.status(title) as status:
                step = Step(title, self.console, status)
                yield step
        self.console.print(
            f"[green]✓[/green] {title}: {step.outcome} [dim]({step.seconds:.1f} s)[/dim]", highlight=False
        )
