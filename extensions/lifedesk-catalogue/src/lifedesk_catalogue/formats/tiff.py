"""Open OME-TIFF and plain TIFF lazily, with channels and pixel sizes from the OME-XML header.

Format: https://docs.openmicroscopy.org/ome-model; read with tifffile. Of several images in one file, the first.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from lifedesk_catalogue.errors import OpenFailed
from lifedesk_catalogue.image import Channel, Image, Level

if TYPE_CHECKING:
    import dask.array

_UNITS = {
    "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer", "um": "micrometer", "μm": "micrometer",
    "nm": "nanometer", "pm": "picometer", "Å": "angstrom", "s": "second", "ms": "millisecond", "min": "minute",
}  # fmt: skip
_PRIMARIES = (("Red", "FF0000"), ("Green", "00FF00"), ("Blue", "0000FF"), ("Alpha", None))


def open_tiff(path: Path, level: int = 0) -> Image:
    """The first image of the file. Raises `OpenFailed`."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            series, ome = file.series[0], file.ome_metadata
            found = list(series.levels)
            if not -len(found) <= level < len(found):
                raise OpenFailed(f"{path.name!r} has {len(found)} resolution levels, numbered from 0; not {level}.")
            axes = _axes(str(series.axes))
            pixels = _pixels(ome)
            arrays = [_array(series, number) for number in range(len(found))]
            shapes = [array.shape for array in arrays]
            data = [_lazy(array) for array in arrays]
    except (OSError, ValueError, IndexError, KeyError, tifffile.TiffFileError) as error:
        raise OpenFailed(f"{path.name!r} is not a readable TIFF: {error}") from error
    sizes, units = _sizes(pixels)
    levels = tuple(
        Level(
            data=each,
            scale=tuple(
                sizes.get(axis, 1.0) * (whole / length if axis in "zyx" and length else 1.0)
                for axis, whole, length in zip(axes, shapes[0], shape, strict=True)
            ),
        )
        for each, shape in zip(data, shapes, strict=True)
    )
    count = int(shapes[0][axes.index("c")]) if "c" in axes else 1
    return Image(
        name=_name(ome) or path.name,
        axes=axes,
        levels=levels,
        level=level % len(levels),
        units={axis: unit for axis, unit in units.items() if axis in axes},
        channels=_channels(pixels, count, is_rgb="S" in str(series.axes) and "C" not in str(series.axes)),
        format="OME-TIFF" if ome else "TIFF",
    )


def _array(series: Any, level: int) -> Any:
    """The pixels as a Zarr array that closes the file when it is no longer used."""
    import zarr

    store = series.aszarr(level=level)
    array = zarr.open(store, mode="r")
    weakref.finalize(array, store.close)
    return array


def _lazy(array: Any) -> dask.array.Array:
    import dask.array

    from_array: Any = dask.array.from_array  # dask annotates it only in part
    lazy: dask.array.Array = from_array(array, chunks=array.chunks, name=False)
    return lazy


def _axes(letters: str) -> tuple[str, ...]:
    """tifffile's letters as axis names. Samples (S) are channels unless there are channels beside them; a series of
    pages without meaning (Q, I) is depth."""
    names: list[str] = []
    for letter in letters:
        name = letter.lower()
        if letter == "S" and "C" not in letters:
            name = "c"
        elif letter in "QI" and "Z" not in letters and "z" not in names:
            name = "z"
        names.append(name if name not in names else f"{name}{len(names)}")
    return tuple(names)


def _pixels(ome: str | None) -> ElementTree.Element | None:
    if not ome:
        return None
    try:
        return next(_named(ElementTree.fromstring(ome), "Pixels"), None)
    except ElementTree.ParseError:
        return None


def _named(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)


def _name(ome: str | None) -> str:
    try:
        image = next(_named(ElementTree.fromstring(ome), "Image"), None) if ome else None
    except ElementTree.ParseError:
        return ""
    return image.get("Name", "").strip() if image is not None else ""


def _sizes(pixels: ElementTree.Element | None) -> tuple[dict[str, float], dict[str, str]]:
    sizes: dict[str, float] = {}
    units: dict[str, str] = {}
    if pixels is None:
        return sizes, units
    for axis, key, default in (
        ("x", "PhysicalSizeX", "µm"),
        ("y", "PhysicalSizeY", "µm"),
        ("z", "PhysicalSizeZ", "µm"),
        ("t", "TimeIncrement", "s"),
    ):
        try:
            size = float(pixels.get(key, ""))
        except ValueError:
            continue
        unit = pixels.get(f"{key}Unit", default)
        if size > 0 and unit not in ("pixel", "reference frame"):
            sizes[axis], units[axis] = size, _UNITS.get(unit, unit)
    return sizes, units


def _channels(pixels: ElementTree.Element | None, count: int, *, is_rgb: bool) -> tuple[Channel, ...]:
    if is_rgb and count in (3, 4):
        primaries = (Channel(name=name, colour=colour, window=None) for name, colour in _PRIMARIES[:count])
        return tuple(primaries)
    entries = list(_named(pixels, "Channel"))[:count] if pixels is not None else []
    found = [
        Channel(name=entry.get("Name") or f"Channel {number}", colour=_colour(entry.get("Color")))
        for number, entry in enumerate(entries)
    ]
    return tuple(found + [Channel(name=f"Channel {number}") for number in range(len(found), count)])


def _colour(value: str | None) -> str | None:
    """RRGGBB from OME's signed 32-bit RGBA; None for the default, white."""
    try:
        number = int(value or "") & 0xFFFFFFFF
    except ValueError:
        return None
    return None if number == 0xFFFFFFFF else f"{number >> 8:06X}"
