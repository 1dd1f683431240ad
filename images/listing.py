"""What `list` tells of the images: sizes by layer, budget, earlier versions; and the table in README.md."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from images import engine, layers, versions
from images.plan import Image, PlanError

_BEGIN, _END = "<!-- sizes: written by images/build.py list --write -->\n", "<!-- end of sizes -->\n"


@dataclass(frozen=True)
class Budget:
    """How large an image may become, and what for."""

    limit_mb: int
    goal_mb: int | None = None
    why: tuple[str, ...] = ()

    @property
    def limit_bytes(self) -> int:
        return self.limit_mb * 1_000_000


@dataclass(frozen=True)
class Row:
    """One image as `list` shows it; what is None is not built or was not measured."""

    name: str
    tag: str
    parent: str
    built: bool
    uncompressed_bytes: int | None
    compressed_bytes: int | None
    limit_bytes: int | None
    layers: tuple[layers.Layer, ...]
    earlier: tuple[versions.Version, ...]

    def as_json(self) -> dict[str, object]:
        """The row as `list --json` prints it."""
        earlier = [
            {"tag": old.tag, "created": old.created, "version": old.release, "uncompressed_bytes": old.size_bytes}
            for old in self.earlier
        ]
        return {**asdict(self), "layers": [asdict(layer) for layer in self.layers], "earlier": earlier}


def cache_file(environment: Mapping[str, str]) -> Path:
    """Where measured layers are kept on this machine."""
    folder = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(folder) / "lifedesk" / "layers.json"


def read_budgets(root: Path) -> dict[str, Budget]:
    """Image name → budget. Raises `PlanError` for a key that does not exist."""
    read = tomllib.loads((root / "images" / "budget.toml").read_text(encoding="utf-8"))
    try:
        return {name: Budget(**{**entry, "why": tuple(entry.get("why", ()))}) for name, entry in read.items()}
    except TypeError as error:
        raise PlanError(f"images/budget.toml: {error}. There are: limit_mb, goal_mb, why.") from error


def rows(docker: str, root: Path, images: Sequence[Image], measuring: Callable[[str], None] | None = None) -> list[Row]:
    """One row per image. Layers not measured before are measured if `measuring` is given, which is told the tag."""
    budgets = read_budgets(root)
    there = versions.on_this_machine(docker)
    file = cache_file(os.environ)
    found: dict[str, Row] = {}
    for image in reversed(images):  # the layers of a parent are measured with its child's
        built = engine.find_image(docker, image.tag)
        known = _layers(docker, image.tag, file, measuring) if built else ()
        found[image.name] = Row(
            image.name,
            image.tag,
            image.parent,
            built is not None,
            built.size_bytes if built else None,
            sum(layer.compressed_bytes for layer in known) if known else None,
            budgets[image.name].limit_bytes if image.name in budgets else None,
            known,
            tuple(old for old in there if old.name == image.name and old.tag != image.tag),
        )
    return [found[image.name] for image in images]


def _layers(docker: str, tag: str, file: Path, measuring: Callable[[str], None] | None) -> tuple[layers.Layer, ...]:
    known = layers.read_known(file)
    wanted = layers.digests(docker, tag)
    if set(wanted) <= set(known):
        return tuple(known[digest] for digest in wanted)
    if measuring is None:
        return ()
    measuring(tag)
    return tuple(layers.measure(docker, tag, file))


def line(row: Row) -> str:
    """A row in plain text."""
    if row.uncompressed_bytes is None:
        return f"{row.name:<12} {row.tag:<34} on {row.parent:<18} not built"
    compressed = f", {_mb(row.compressed_bytes)} compressed" if row.compressed_bytes else ""
    limit = f" of {_mb(row.limit_bytes)}" if row.limit_bytes else ""
    over = "  TOO LARGE" if row.limit_bytes and row.uncompressed_bytes > row.limit_bytes else ""
    earlier = f"; {len(row.earlier)} earlier" if row.earlier else ""
    size = f"{_mb(row.uncompressed_bytes)}{limit}{compressed}"
    return f"{row.name:<12} {row.tag:<34} on {row.parent:<18} {size}{over}{earlier}"


def table(found: Sequence[Row], budgets: Mapping[str, Budget]) -> str:
    """The sizes as a table for README.md, with the reasons of the budget below it."""
    text = "| Image | Files | Compressed | Its own part | Limit | Goal |\n|---|---|---|---|---|---|\n"
    below = {row.tag: {layer.digest for layer in row.layers} for row in found}
    by_name = {row.name: row for row in found}
    for row in found:
        budget = budgets.get(row.name)
        parent = by_name.get(row.parent.rpartition("/")[2])
        shared = below[parent.tag] if parent else set()
        own = sum(layer.uncompressed_bytes for layer in row.layers if layer.digest not in shared)
        limit, goal = (
            (f"{value:,} MB" if value else "" for value in (budget.limit_mb, budget.goal_mb))
            if budget
            else (
                "",
                "",
            )
        )
        sizes = f"{_mb(row.uncompressed_bytes)} | {_mb(row.compressed_bytes)} | {_mb(own)}"
        text += f"| `{row.name}` | {sizes} | {limit} | {goal} |\n"
    reasons = [f"- `{name}`: {why}\n" for name, budget in budgets.items() for why in budget.why]
    return f"{text}\n{''.join(reasons)}"


def write_table(root: Path, text: str) -> None:
    """Put the table into images/README.md, in place of the one that is there."""
    file = root / "images" / "README.md"
    before = file.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    if not pattern.search(before):
        raise PlanError(f"{file} has no place for the sizes: the lines {_BEGIN.strip()} and {_END.strip()}.")
    file.write_text(pattern.sub(lambda _: f"{_BEGIN}\n{text}\n{_END}", before), encoding="utf-8")


def _mb(size_bytes: int | None) -> str:
    return "" if size_bytes is None else f"{size_bytes / 1e6:,.0f} MB"
