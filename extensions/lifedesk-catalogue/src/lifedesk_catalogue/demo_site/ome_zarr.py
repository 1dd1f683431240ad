"""Write a multiscale image with labels as OME-Zarr 0.5 (https://ngff.openmicroscopy.org/0.5/)."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from lifedesk_catalogue.demo_site.cells import VOXEL_MICROMETER, Cells

VERSION = "0.5"
LEVELS = 3
CHUNK = (10, 160, 160)
CHANNELS = (("Nuclei (DNA)", "3F7FFF"), ("Actin", "FF2D6B"), ("Mitochondria", "2EE66B"))
SPACE = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]


def write_cells(cells: Cells, target: Path) -> None:
    """Write `cells` to the new folder `target`: levels 0 to 2, each half as wide and high as the one before."""
    image = zarr.create_group(str(target), zarr_format=3)
    pyramid = [_mean_of_blocks(cells.image, 2**level) for level in range(LEVELS)]
    _write_levels(image, pyramid, ("c", "z", "y", "x"))
    image.attrs["ome"] = {
        "version": VERSION,
        "multiscales": [_multiscale("cells", [{"name": "c", "type": "channel"}, *SPACE], (1.0,))],
        "omero": {"channels": [_channel(*names, plane) for names, plane in zip(CHANNELS, cells.image, strict=True)]},
    }
    labels = image.create_group("labels")
    labels.attrs["ome"] = {"version": VERSION, "labels": ["nuclei"]}
    nuclei = labels.create_group("nuclei")
    # Every second voxel, not the mean of the voxels: the number of a nucleus cannot be averaged.
    _write_levels(nuclei, [cells.labels[:, :: 2**n, :: 2**n] for n in range(LEVELS)], ("z", "y", "x"))
    nuclei.attrs["ome"] = {
        "version": VERSION,
        "multiscales": [_multiscale("nuclei", SPACE, ())],
        "image-label": {"colors": _colours(int(cells.labels.max())), "source": {"image": "../../"}},
    }


def _mean_of_blocks(image: NDArray[np.uint16], width: int) -> NDArray[np.uint16]:
    channels, depth, rows, columns = image.shape
    blocks = image.reshape(channels, depth, rows // width, width, columns // width, width)
    return np.asarray(np.rint(blocks.mean(axis=(3, 5))), dtype=np.uint16)


def _write_levels(group: zarr.Group, pyramid: Sequence[NDArray[np.uint16]], axes: Sequence[str]) -> None:
    for number, level in enumerate(pyramid):
        chunks = tuple(min(size, chunk) for size, chunk in zip(level.shape[-3:], CHUNK, strict=True))
        array = group.create_array(
            name=str(number),
            shape=level.shape,
            dtype=level.dtype,
            chunks=(1,) * (level.ndim - 3) + chunks,
            dimension_names=axes,
        )
        array[:] = level


def _multiscale(name: str, axes: Sequence[Any], leading_scale: tuple[float, ...]) -> dict[str, Any]:
    z, y, x = VOXEL_MICROMETER
    datasets = [
        {
            "path": str(level),
            "coordinateTransformations": [{"type": "scale", "scale": [*leading_scale, z, y * 2**level, x * 2**level]}],
        }
        for level in range(LEVELS)
    ]
    return {"name": name, "axes": list(axes), "datasets": datasets}


def _colours(count: int) -> list[dict[str, Any]]:
    """A colour per label, neighbours in number far apart in hue: steps of the golden angle."""
    colours = []
    for label in range(1, count + 1):
        rgb = colorsys.hsv_to_rgb(label * 0.381966 % 1, 0.75, 1.0)
        colours.append({"label-value": label, "rgba": [*(round(part * 255) for part in rgb), 255]})
    return colours


def _channel(label: str, color: str, counts: NDArray[np.uint16]) -> dict[str, Any]:
    start, end = np.percentile(counts, (5, 99.9))
    window = {"min": 0, "max": int(counts.max()), "start": int(start), "end": int(end)}
    return {"label": label, "color": color, "window": window, "active": True}
