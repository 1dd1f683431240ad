"""A synthetic monolayer of cells in three dimensions: nuclei, actin, mitochondria, and who is which nucleus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifedesk_catalogue.demo_site.fluorescence import Volume, recorded, texture

SHAPE = (20, 320, 320)
VOXEL_MICROMETER = (0.5, 0.2, 0.2)
CELL_SPACING = 52  # pixels between neighbouring nuclei, about 10 µm
POINT_SPREAD = (1.1, 1.0, 1.0)  # pixels, z is blurred over a longer way than x and y


@dataclass(frozen=True)
class Cells:
    """One recorded field: `image` as C, Z, Y, X and `labels`, the number of the nucleus of each voxel."""

    image: NDArray[np.uint16]
    labels: NDArray[np.uint16]


@dataclass(frozen=True)
class _Scene:
    """Coordinates and per-pixel facts about the cell sheet that every channel is drawn from."""

    z: Volume
    height: Volume  # of the sheet's middle, in slices, for each y, x
    owner: NDArray[np.intp]  # index of the cell at each y, x
    to_border: Volume  # pixels to the nearest neighbour cell, for each y, x
    centres: Volume  # one row y, x per cell


def synthetic_cells(seed: int = 20_261) -> Cells:
    """The same field of cells for the same `seed`."""
    random = np.random.default_rng(seed)
    scene = _scene(random)
    labels = _nuclei(scene, random)
    channels = (
        _chromatin(labels, random),
        _actin(scene, random),
        _mitochondria(scene, labels, random),
    )
    return Cells(np.stack([recorded(photons, POINT_SPREAD, random) for photons in channels]), labels)


def _scene(random: np.random.Generator) -> _Scene:
    depth, height, width = SHAPE
    rows = np.arange(CELL_SPACING / 2, height, CELL_SPACING * 0.87)
    columns = np.arange(CELL_SPACING / 2, width, CELL_SPACING)
    centres = np.array([(y, x + (row % 2) * CELL_SPACING / 2) for row, y in enumerate(rows) for x in columns])
    centres = centres + random.normal(0, CELL_SPACING * 0.1, centres.shape)
    y, x = np.mgrid[0:height, 0:width]
    distances = np.hypot(y[..., None] - centres[:, 0], x[..., None] - centres[:, 1])
    distances += 2.0 * texture((height, width), (6, 6), random)[..., None] * random.normal(0, 1, len(centres))
    nearest = np.sort(distances, axis=-1)[..., :2]
    middle = depth * 0.45 + 1.5 * texture((height, width), (60, 60), random)
    return _Scene(
        z=np.arange(depth, dtype=float)[:, None, None],
        height=middle,
        owner=distances.argmin(axis=-1),
        to_border=nearest[..., 1] - nearest[..., 0],
        centres=centres,
    )


def _nuclei(scene: _Scene, random: np.random.Generator) -> NDArray[np.uint16]:
    """Ellipsoids with a wavy surface, numbered from 1, one per cell whose nucleus lies in the field."""
    labels = np.zeros(SHAPE, dtype=np.uint16)
    y, x = np.mgrid[0 : SHAPE[1], 0 : SHAPE[2]]
    surface = 0.09 * texture(SHAPE, (2, 6, 6), random)
    for number, (centre_y, centre_x) in enumerate(scene.centres, start=1):
        long, short = random.uniform(17, 22), random.uniform(12, 16)
        angle = random.uniform(0, np.pi)
        along = (y - centre_y) * np.sin(angle) + (x - centre_x) * np.cos(angle)
        across = (y - centre_y) * np.cos(angle) - (x - centre_x) * np.sin(angle)
        upward = (scene.z - scene.height - random.normal(0, 0.5)) / random.uniform(4.2, 5.4)
        inside = (along / long) ** 2 + (across / short) ** 2 + upward**2 < 1 + surface
        labels[inside & (labels == 0)] = number
    return labels


def _chromatin(labels: NDArray[np.uint16], random: np.random.Generator) -> Volume:
    brightness = np.concatenate([[0.0], random.uniform(260, 520, int(labels.max()))])
    grain = np.clip(1 + 0.28 * texture(SHAPE, (1, 2.2, 2.2), random), 0.2, None)
    nucleoli = np.where(texture(SHAPE, (1.4, 3.4, 3.4), random) > 1.75, 0.35, 1.0)
    return np.asarray(brightness[labels] * grain * nucleoli + 6)


def _actin(scene: _Scene, random: np.random.Generator) -> Volume:
    """A bright cortex where cells touch, and stress fibres along the substrate, one direction per cell."""
    above = scene.z - scene.height
    cortex = 620 * np.exp(-((scene.to_border / 2.2) ** 2)) * np.exp(-((above / 5.0) ** 2))
    angles = random.uniform(0, np.pi, len(scene.centres))[scene.owner]
    y, x = np.mgrid[0 : SHAPE[1], 0 : SHAPE[2]]
    phase = (y * np.cos(angles) - x * np.sin(angles)) * 2 * np.pi / 7.5
    phase = phase + 1.6 * texture(SHAPE[1:], (12, 12), random)
    fibres = np.clip(np.cos(phase), 0, None) ** 6 * np.clip(texture(SHAPE[1:], (9, 9), random) + 0.5, 0, None)
    basal = np.exp(-(((above + 5.5) / 1.3) ** 2))
    haze = 22 * np.exp(-((above / 5.5) ** 2))
    return np.asarray(cortex + 330 * fibres * basal + haze + 5)


def _mitochondria(scene: _Scene, labels: NDArray[np.uint16], random: np.random.Generator) -> Volume:
    """Threads: random walks that start beside the nucleus and stay in their cell's cytoplasm."""
    photons = np.full(SHAPE, 5.0)
    depth, height, width = SHAPE
    for cell, (centre_y, centre_x) in enumerate(scene.centres):
        for _ in range(26):
            angle = random.uniform(0, 2 * np.pi)
            reach = random.uniform(14, 24)
            y, x = centre_y + reach * np.sin(angle), centre_x + reach * np.cos(angle)
            z_offset = random.normal(-1.5, 1.6)
            heading = angle + np.pi / 2 + random.normal(0, 0.7)
            for turn in random.normal(0, 0.28, random.integers(14, 46)):
                heading += turn
                y, x = y + 0.8 * np.sin(heading), x + 0.8 * np.cos(heading)
                row, column = int(y), int(x)
                if not (0 <= row < height and 0 <= column < width) or scene.owner[row, column] != cell:
                    break
                slice_ = int(np.clip(scene.height[row, column] + z_offset, 0, depth - 1))
                if labels[slice_, row, column] == 0:
                    photons[slice_, row, column] += 1500
    return photons
