"""A quick look: one RGB picture of an image or a structure, computed without plotting libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifedesk_catalogue.errors import OpenFailed
from lifedesk_catalogue.image import Channel, Image, Level

if TYPE_CHECKING:
    import gemmi
    import numpy as np
    from numpy.typing import NDArray

_PALETTES = {
    1: ("FFFFFF",),
    2: ("00FF00", "FF00FF"),
    3: ("0000FF", "00FF00", "FF0000"),
}
_MANY = ("0000FF", "00FF00", "FF0000", "00FFFF", "FF00FF", "FFFF00", "FFFFFF")
_CHAINS = ("4E9AF1", "F1A94E", "63C174", "E5677D", "B48CF2", "4ECFD1", "E8D44D", "F28CC4", "A3B18A", "D08C60")
_MARGIN = 0.06


def overview(opened: Image | gemmi.Structure, *, size: int = 512) -> NDArray[np.uint8]:
    """An RGB picture (height, width, 3), not much larger than `size` pixels on its longer side.

    Images: the coarsest level that still has `size` pixels, first time point, brightest along z, channels added in
    their colours within their windows (or the 0.1 and 99.9 percentiles where the file states none). Structures: the
    backbone, seen along its thinnest direction, a colour per chain, nearer atoms brighter.
    Raises `OpenFailed` for what cannot be shown (no y and x axes, no backbone).
    """
    if size < 1:
        raise ValueError(f"size is a number of pixels from 1 on, not {size!r}")
    return _image(opened, size) if isinstance(opened, Image) else _structure(opened, size)


def _image(image: Image, size: int) -> NDArray[np.uint8]:
    import numpy as np

    if not {"y", "x"} <= set(image.axes):
        raise OpenFailed(f"{image.name!r} has no y and x axes, so there is no picture of it.")
    planes = _planes(image, sufficient_level(image, size), size)
    picture = np.zeros((*planes.shape[1:], 3), dtype=np.float32)
    for number, channel, colour in shown_channels(image):
        if number < len(planes):
            picture += _stretched(planes[number], channel.window)[..., None] * _colour(colour)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def shown_channels(image: Image) -> list[tuple[int, Channel, str]]:
    """The channels that `overview` draws: number, channel, and the colour (RRGGBB) it draws it in."""
    active = [(number, channel) for number, channel in enumerate(image.channels) if channel.is_active]
    active = active or [(0, next(iter(image.channels), Channel(name="")))]
    palette = _PALETTES.get(len(active), _MANY)
    return [(number, channel, channel.colour or palette[number % len(palette)]) for number, channel in active]


def sufficient_level(image: Image, size: int) -> Level:
    """The coarsest level whose longer side has `size` pixels; the finest when none has so many."""
    y, x = image.axes.index("y"), image.axes.index("x")
    enough = [level for level in image.levels if max(level.data.shape[y], level.data.shape[x]) >= size]
    return min(enough, key=lambda level: level.data.shape[y] * level.data.shape[x]) if enough else image.levels[0]


def _planes(image: Image, level: Level, size: int) -> NDArray[Any]:
    """Pixels as (channel, y, x): first of time and unknown axes, brightest along z, thinned to about `size`."""
    import numpy as np

    data, axes = level.data, list(image.axes)
    for axis in [axis for axis in axes if axis not in "czyx"]:
        data = data[(slice(None),) * axes.index(axis) + (0,)]
        axes.remove(axis)
    step = max(1, max(data.shape[axes.index("y")], data.shape[axes.index("x")]) // size)
    data = data[tuple(slice(None, None, step if axis in "yx" else None) for axis in axes)]
    if "z" in axes:
        data = data.max(axis=axes.index("z"))
        axes.remove("z")
    kept = ["c", "y", "x"] if "c" in axes else ["y", "x"]
    planes = np.asarray(data.transpose([axes.index(axis) for axis in kept]).compute())
    planes = planes if "c" in axes else planes[None]
    return np.abs(planes) if np.iscomplexobj(planes) else planes


def _stretched(plane: NDArray[Any], window: tuple[float, float] | None) -> NDArray[np.float32]:
    """0 to 1 within the window; percentiles when there is none, or when nothing of the plane is in it."""
    import numpy as np

    values = plane.astype(np.float32)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(plane.shape, dtype=np.float32)
    if window is None or finite.max() <= window[0] or finite.min() >= window[1]:
        low, high = (float(value) for value in np.percentile(finite, (0.1, 99.9)))
        if low >= high:  # nearly all of one value: let the rest of them be seen
            low, high = float(finite.min()), float(finite.max())
    else:
        low, high = window
    if low >= high:  # one value everywhere
        return (values > 0).astype(np.float32)
    stretched: NDArray[np.float32] = np.clip((np.nan_to_num(values) - low) / (high - low), 0, 1).astype(np.float32)
    return stretched


def _colour(digits: str) -> NDArray[np.float32]:
    import numpy as np

    return np.array([int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)], dtype=np.float32)


def _structure(structure: gemmi.Structure, size: int) -> NDArray[np.uint8]:
    import numpy as np

    chains = [points for chain in structure[0] if len(points := _backbone(chain))]
    if not chains:
        raise OpenFailed("The structure has no protein or nucleic-acid backbone, so there is no quick look at it.")
    everything = np.concatenate(chains)
    centre = everything.mean(axis=0)
    _, _, directions = np.linalg.svd(everything - centre, full_matrices=False)
    flat = [(points - centre) @ directions.T for points in chains]
    extent = np.concatenate(flat)
    low, high = extent.min(axis=0), extent.max(axis=0)
    scale = size * (1 - 2 * _MARGIN) / max(float((high - low)[:2].max()), 1.0)
    margin = size * _MARGIN
    width, height = (int(side * scale + 2 * margin) + 1 for side in (high - low)[:2])
    canvas = np.zeros((height, width, 3), dtype=np.float32)
    depth = np.full((height, width), -np.inf, dtype=np.float32)
    for number, points in enumerate(flat):
        placed = np.column_stack([(points[:, :2] - low[:2]) * scale + margin, points[:, 2]])
        nearness = 0.45 + 0.55 * (points[:, 2] - low[2]) / max(float(high[2] - low[2]), 1.0)
        _draw(canvas, depth, placed, nearness, _colour(_CHAINS[number % len(_CHAINS)]), max(1, round(size / 200)))
    picture: NDArray[np.uint8] = (np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8)
    return picture


def _backbone(chain: gemmi.Chain) -> NDArray[np.float64]:
    """Positions (Å) of one atom per residue: CA of amino acids, P of nucleotides."""
    import numpy as np

    points = []
    for residue in chain.get_polymer() or chain:
        atom = next((each for each in residue if each.name in ("CA", "P") and each.element.name in ("C", "P")), None)
        if atom is not None:
            points.append(atom.pos.tolist())
    return np.array(points, dtype=np.float64).reshape(-1, 3)


def _draw(canvas: Any, depth: Any, points: Any, nearness: Any, colour: Any, radius: int) -> None:
    """A thick line from point to point, hidden where something nearer is drawn; a gap where residues are missing."""
    import numpy as np

    offsets = np.array(
        [
            (dy, dx)
            for dy in range(-radius, radius + 1)
            for dx in range(-radius, radius + 1)
            if dy * dy + dx * dx <= radius * radius
        ]
    )
    lengths = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    longest = np.median(lengths) * 4 + 2 if len(lengths) else 0
    for number in range(len(points)):
        joined = number + 1 < len(points) and lengths[number] <= longest
        steps = np.linspace(0, 1, max(2, int(lengths[number]) + 1))[:, None] if joined else np.zeros((1, 1))
        after = points[number + 1] if joined else points[number]
        line = points[number] * (1 - steps) + after * steps
        rows = (np.round(line[:, 1]).astype(int)[:, None] + offsets[:, 0]).clip(0, canvas.shape[0] - 1).ravel()
        columns = (np.round(line[:, 0]).astype(int)[:, None] + offsets[:, 1]).clip(0, canvas.shape[1] - 1).ravel()
        heights = np.repeat(line[:, 2], len(offsets))
        seen = heights >= depth[rows, columns]
        depth[rows[seen], columns[seen]] = heights[seen]
        canvas[rows[seen], columns[seen]] = colour * nearness[number]
