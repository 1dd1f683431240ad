"""An opened image or structure: the caption, the legend and the line of Python that opens it in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from lifedesk_catalogue.image import Image
from lifedesk_catalogue.model import Dataset
from lifedesk_catalogue.overview import shown_channels

if TYPE_CHECKING:
    import gemmi

CHOICES = 50
_LONG_AXIS_NAMES = {"t": "time points", "c": "channels", "z": "slices", "y": "high", "x": "wide"}
_SHORT_UNITS = {
    "micrometer": "µm",
    "nanometer": "nm",
    "millimeter": "mm",
    "angstrom": "Å",
    "second": "s",
    "minute": "min",
}


class LegendView(TypedDict):
    """One channel: its name and its colour as RRGGBB."""

    name: str
    colour: str


class OpenedView(TypedDict):
    """What stands beside the picture."""

    key: str
    is_opening: bool
    problem: str
    choices: list[str]
    path: str
    headline: str
    caption: list[str]
    legend: list[LegendView]
    alternative: str
    """The picture in words."""
    code: str


def opened_view(
    key: str = "",
    *,
    is_opening: bool = False,
    problem: str = "",
    choices: Sequence[str] = (),
    path: str = "",
    opened: Image | gemmi.Structure | None = None,
    shown_level: int = 0,
    code: str = "",
) -> OpenedView:
    """What is shown of `opened`, of the wait for it, or of why it cannot be opened."""
    view: OpenedView = {
        "key": key,
        "is_opening": is_opening,
        "problem": problem,
        "choices": [] if len(choices) < 2 else list(choices[:CHOICES]),
        "path": path,
        "headline": "",
        "caption": [],
        "legend": [],
        "alternative": "",
        "code": code,
    }
    if isinstance(opened, Image):
        legend: list[LegendView] = [
            {"name": channel.name, "colour": colour} for _, channel, colour in shown_channels(opened)
        ]
        headline = ", ".join(filter(None, (opened.name, opened.format)))
        how = "Brightest along z, " if "z" in opened.axes else ""
        names = ", ".join(channel["name"] for channel in legend)
        view |= {
            "headline": headline,
            "caption": image_caption(opened, shown_level),
            "legend": legend if len(legend) > 1 else [],
            "alternative": f"{how}quick look at {opened.name}" + (f"; channels {names}" if len(legend) > 1 else ""),
        }
    elif opened is not None:
        view |= {
            "headline": f"{opened.name}, structure",
            "caption": structure_caption(opened),
            "alternative": f"Backbone of {opened.name}, a colour per chain",
        }
    return view


def image_caption(image: Image, shown_level: int) -> list[str]:
    """Pixels, physical size and the level shown, a line each."""
    finest = image.levels[0]
    shape = tuple(int(length) for length in finest.data.shape)
    lengths = dict(zip(image.axes, shape, strict=True))
    scales = dict(zip(image.axes, finest.scale, strict=True))
    pixels = " by ".join(
        f"{length} {_LONG_AXIS_NAMES.get(axis, axis)}" for axis, length in lengths.items() if length > 1
    )
    lines = [f"{pixels}, {finest.data.dtype}"]
    sizes = [
        f"{axis} {_number(lengths[axis] * scales[axis])} {_unit(image.units[axis])}"
        f" ({_number(scales[axis])} {_unit(image.units[axis])} each)"
        for axis in ("x", "y", "z", "t")
        if axis in image.units and lengths.get(axis, 1) > 1
    ]
    lines.append("Extent: " + ", ".join(sizes) if sizes else "The file states no physical size.")
    ways = [way for axis, way in (("z", "brightest along z"), ("t", "first time point")) if lengths.get(axis, 1) > 1]
    level = f"level {shown_level} of {len(image.levels)} (0 is the finest)" if len(image.levels) > 1 else ""
    if shown := ", ".join(filter(None, (*ways, level))):
        lines.append(f"Shown: {shown}")
    if image.labels:
        lines.append(f"Labels: {', '.join(image.labels)}")
    return lines


def structure_caption(structure: gemmi.Structure) -> list[str]:
    """Title and how many chains, residues and atoms the first model has."""
    title = dict(structure.info).get("_struct.title", "")
    model = structure[0]
    chains = [chain.name for chain in model]
    residues = sum(len(chain) for chain in model)
    named = ", ".join(chains[:12]) + (", …" if len(chains) > 12 else "")
    counted = f"{len(chains)} chain{'s' if len(chains) != 1 else ''} ({named})"
    models = f", first of {len(structure)} models" if len(structure) > 1 else ""
    return [*filter(None, [title]), f"{counted}, {residues} residues, {model.count_atom_sites()} atoms{models}"]


def code_to_open(source: Path | Dataset, path: str, opened: Image | gemmi.Structure) -> str:
    """Python that opens the same thing in a cell, and works when pasted into an empty notebook."""
    if isinstance(source, Dataset):
        names, where = "get, open_dataset", f"get({_quoted(source.accession)}, {_quoted(source.archive)})"
        chosen = f", {_quoted(path)}" if path else ""
    else:
        names, where, chosen = "open_dataset", _quoted(str(source / path if path else source)), ""
    variable = "image" if isinstance(opened, Image) else "structure"
    return f"from lifedesk_catalogue import {names}\n{variable} = open_dataset({where}{chosen})"


def _quoted(text: str) -> str:
    """A Python literal with the quotes a formatter would choose."""
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'


def _unit(unit: str) -> str:
    return _SHORT_UNITS.get(unit, unit)


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
