"""A synthetic time-lapse of moving and dividing cells, written as OME-TIFF."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from lifedesk_catalogue.demo_site.fluorescence import Volume, recorded, texture

FRAMES = 16
SIZE = 288
PIXEL_MICROMETER = 0.65
MINUTES_PER_FRAME = 6.0
POINT_SPREAD = (0.0, 1.1, 1.1)
CHANNELS = (("Histone H2B", 0x19E6E6), ("Cytoplasm", 0xE632C8))
DIVISION_FRAMES = 4  # from rounding up to two daughters


@dataclass(frozen=True)
class _Cell:
    """One cell in one frame; `divides_in` counts frames, and below zero it never will in this film."""

    y: float
    x: float
    heading: float
    angle: float
    size: float
    divides_in: int


def synthetic_timelapse(seed: int = 20_262) -> NDArray[np.uint16]:
    """Counts as T, C, Y, X; the same for the same `seed`."""
    random = np.random.default_rng(seed)
    cells = _first_cells(random)
    grain = 1 + 0.2 * texture((SIZE, SIZE), (2.5, 2.5), random)
    nuclei, cytoplasm = [], []
    for _ in range(FRAMES):
        nuclei.append(_drawn(cells, grain, is_nucleus=True))
        cytoplasm.append(_drawn(cells, grain, is_nucleus=False))
        cells = [later for cell in cells for later in _next(cell, random)]
    films = [recorded(np.stack(film), POINT_SPREAD, random) for film in (nuclei, cytoplasm)]
    return np.stack(films, axis=1)


def write_timelapse(film: NDArray[np.uint16], target: Path) -> None:
    """Write `film` (T, C, Y, X) to the new file `target`, byte for byte the same for the same film."""
    metadata = {
        "axes": "TCYX",
        "UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, target.name)),
        "Creator": "Lifedesk demo site",
        "PhysicalSizeX": PIXEL_MICROMETER,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": PIXEL_MICROMETER,
        "PhysicalSizeYUnit": "µm",
        "TimeIncrement": MINUTES_PER_FRAME,
        "TimeIncrementUnit": "min",
        # OME writes colours as signed 32-bit RGBA.
        "Channel": {
            "Name": [name for name, _ in CHANNELS],
            "Color": [int(np.array((color << 8) | 0xFF, dtype=np.uint32).view(np.int32)) for _, color in CHANNELS],
        },
    }
    tifffile.imwrite(target, film, ome=True, metadata=metadata, compression="zlib", photometric="minisblack")


def _first_cells(random: np.random.Generator) -> list[_Cell]:
    cells: list[_Cell] = []
    while len(cells) < 34:
        y, x = random.uniform(0, SIZE, 2)
        if all(np.hypot(y - other.y, x - other.x) > 36 for other in cells):
            division = int(random.integers(3, FRAMES)) if random.random() < 0.3 else -1
            turn = random.uniform(0, 2 * np.pi)
            cells.append(_Cell(y, x, turn, random.uniform(0, np.pi), random.uniform(8.5, 11), division))
        elif random.random() < 0.002:  # the field is as full as chance allows
            break
    return cells


def _next(cell: _Cell, random: np.random.Generator) -> list[_Cell]:
    """The cell one frame later, or its two daughters."""
    if cell.divides_in == 0:
        apart_y, apart_x = 7 * np.cos(cell.angle), 7 * np.sin(cell.angle)
        return [
            replace(cell, y=cell.y + s * apart_y, x=cell.x + s * apart_x, size=cell.size * 0.72, divides_in=-1)
            for s in (-1, 1)
        ]
    heading = cell.heading + random.normal(0, 0.5)
    step = 0.4 if 0 < cell.divides_in <= DIVISION_FRAMES else 1.7
    return [
        replace(
            cell,
            y=cell.y + step * np.sin(heading),
            x=cell.x + step * np.cos(heading),
            heading=heading,
            angle=cell.angle + random.normal(0, 0.06),
            divides_in=max(cell.divides_in - 1, -1),
        )
    ]


def _drawn(cells: list[_Cell], grain: Volume, *, is_nucleus: bool) -> Volume:
    """Expected photons of one frame. A dividing nucleus is a bright bar; its cell is round and bright."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    photons = np.full((SIZE, SIZE), 4.0)
    for cell in cells:
        is_dividing = 0 <= cell.divides_in <= DIVISION_FRAMES
        long, short = (cell.size, cell.size * 0.34) if is_dividing else (cell.size * 1.15, cell.size * 0.85)
        brightness = 620.0 if is_dividing else 240.0 * (10 / cell.size)
        if not is_nucleus:
            long, short = (17.0, 17.0) if is_dividing else (cell.size * 2.5, cell.size * 1.7)
            brightness = 190.0 if is_dividing else 90.0
        along = (y - cell.y) * np.sin(cell.angle) + (x - cell.x) * np.cos(cell.angle)
        across = (y - cell.y) * np.cos(cell.angle) - (x - cell.x) * np.sin(cell.angle)
        inside = (along / long) ** 2 + (across / short) ** 2
        photons = np.maximum(photons, brightness / (1 + np.exp(np.clip(9 * (inside - 1), -60, 60))))
    return np.asarray(photons * grain)
