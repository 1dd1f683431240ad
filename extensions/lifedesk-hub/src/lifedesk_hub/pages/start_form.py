"""The start form: environments, interfaces and sizes as cards, earlier versions in a list."""

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
class StartInterface:
    """A way a session can open, on the start form."""

    slug: str
    display_name: str
    description: str


INTERFACES = (
    StartInterface("lab", "JupyterLab", "Notebooks, files and terminals, side by side"),
    StartInterface("desktop", "Desktop", "The environment's programs in windows of their own"),
)


@dataclass(frozen=True)
class StartVersion:
    """An earlier version of an environment on the start form."""

    tag: str
    words: str
    """When it was built, and from what."""
    selected: bool


@dataclass(frozen=True)
class StartChoice:
    """An environment on the start form, with what it is offered in."""

    slug: str
    display_name: str
    description: str
    sizes: tuple[StartSize, ...]
    selected: bool
    """Whether it is the one chosen at first: the person's last choice, or else the usual one."""
    interfaces: tuple[str, ...] = ("lab",)
    """Slugs of `INTERFACES`."""
    first_interface: str = "lab"
    """The one chosen at first in this environment."""
    versions: tuple[StartVersion, ...] = ()
    notes: tuple[str, ...] = ()
    """What is to be known of it right now, such as `1 GPU: 1 of 2 free`."""
    can_start: bool = True
    """Whether the node has what it takes."""

    @property
    def first_size(self) -> str:
        """Slug of the size chosen at first in this environment."""
        return next((size.slug for size in self.sizes if size.selected), self.sizes[0].slug)


def render_start_form(choices: Sequence[StartChoice], trouble: str = "") -> str:
    """HTML of the fields `profile`, `interface`, `size` and `version` and their button, to stand inside a form.

    `trouble` is a sentence that goes before them. It works without scripts; with them, what the chosen environment is
    not offered in cannot be chosen. Without any choice it is a sentence instead.
    """
    able = [choice for choice in choices if choice.can_start]
    chosen = next((choice for choice in able if choice.selected), next(iter([*able, *choices]), None))
    sizes = sorted(
        {size.slug: size for choice in choices for size in choice.sizes}.values(),
        key=lambda size: (size.mem_limit_bytes, size.cpu_limit),
    )
    offered = {interface for choice in choices for interface in choice.interfaces}
    interfaces = [interface for interface in INTERFACES if interface.slug in offered]
    template = _templates().get_template("start_form.html")
    return template.render(choices=choices, chosen=chosen, sizes=sizes, interfaces=interfaces, trouble=trouble)


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
