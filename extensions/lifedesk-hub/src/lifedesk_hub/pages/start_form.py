"""The start form: environments and sizes as cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

GIB = 2**30


@dataclass(frozen=True)
class StartSize:
    """A size on the start form."""

    slug: str
    display_name: str
    cpu_limit: float
    """Cores."""
    mem_limit_bytes: int
    selected: bool
    """Whether it is the one chosen at first in its environment."""

    @property
    def extent(self) -> str:
        """What the size holds, as people say it: `2 cores, 4 GB memory`."""
        cores = f"{self.cpu_limit:g} {'core' if self.cpu_limit == 1 else 'cores'}"
        memory = (
            f"{self.mem_limit_bytes / GIB:.3g} GB"
            if self.mem_limit_bytes >= GIB
            else f"{self.mem_limit_bytes >> 20} MB"
        )
        return f"{cores}, {memory} memory"


@dataclass(frozen=True)
class StartChoice:
    """An environment on the start form, with the sizes it is offered in."""

    slug: str
    display_name: str
    description: str
    sizes: tuple[StartSize, ...]
    selected: bool
    """Whether it is the one chosen at first: the person's last choice, or else the usual one."""

    @property
    def first_size(self) -> str:
        """Slug of the size chosen at first in this environment."""
        return next((size.slug for size in self.sizes if size.selected), self.sizes[0].slug)


def render_start_form(choices: Sequence[StartChoice]) -> str:
    """HTML of the fields `profile` and `size` and their button, to stand inside a form.

    It works without scripts; with them, sizes that the chosen environment is not offered in cannot be chosen.
    Without any choice it is a sentence instead.
    """
    chosen = next((choice for choice in choices if choice.selected), choices[0] if choices else None)
    sizes = sorted(
        {size.slug: size for choice in choices for size in choice.sizes}.values(),
        key=lambda size: (size.mem_limit_bytes, size.cpu_limit),
    )
    return _templates().get_template("start_form.html").render(choices=choices, chosen=chosen, sizes=sizes)


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
