"""Open OME-Zarr 0.4 (Zarr v2) and 0.5 (Zarr v3): images, labels, bioformats2raw containers; also plain Zarr arrays.

Format: https://ngff.openmicroscopy.org. Whole plates (but not their single images) and the 0.6 drafts are refused with
what to do instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifedesk_catalogue.errors import ChoosePath, OpenFailed, UnsupportedFormat
from lifedesk_catalogue.image import Channel, Image, Level

if TYPE_CHECKING:
    import dask.array
    import zarr

MARKERS = ("zarr.json", ".zattrs", ".zgroup", ".zarray")
_VERSIONS = ("0.4", "0.5")
_DEFAULT_AXES = ("t", "c", "z", "y", "x")
Attributes = Mapping[str, Any]


def is_zarr(path: Path) -> bool:
    """Whether the folder is a Zarr group or array."""
    return any((path / marker).is_file() for marker in MARKERS)


def open_zarr(path: Path, level: int = 0) -> Image:
    """The image in this folder. Raises `UnsupportedFormat`, `ChoosePath`, `OpenFailed`."""
    import zarr

    try:
        node = zarr.open(str(path), mode="r")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OpenFailed(f"{path.name!r} is not a readable Zarr: {error}") from error
    if isinstance(node, zarr.Array):
        return _plain(node, path.name)
    ome = _ome(node)
    if "multiscales" in ome:
        return _image(node, ome, path.name, level)
    if "plate" in ome:
        first = next((f"{well}/0" for well in _paths(ome["plate"], "wells")), "A/1/0")
        raise UnsupportedFormat(
            f"{path.name!r} is a plate. Open one of its images by its path, such as {first!r}, "
            "or the whole plate in napari with the package napari-ome-zarr."
        )
    if "well" in ome:
        fields = _paths(ome["well"], "images")
        raise ChoosePath(f"{path.name!r} is a well. Open one of its fields: {', '.join(fields)}.", tuple(fields))
    series = image_paths(path)
    if len(series) == 1 and series[0]:
        return open_zarr(path / series[0], level)
    if series and series[0]:
        raise ChoosePath(f"{path.name!r} holds {len(series)} images. Open one: {', '.join(series[:10])}.", series)
    raise UnsupportedFormat(
        f"{path.name!r} is a Zarr group without OME-NGFF image metadata. Open its arrays with zarr.open({str(path)!r})."
    )


def image_paths(path: Path) -> tuple[str, ...]:
    """Images in a plate (`A/1/0`, …), a well or a bioformats2raw container (`0`, …); `("",)` for any other Zarr."""
    import zarr

    try:
        node = zarr.open(str(path), mode="r")
        if not isinstance(node, zarr.Group) or "multiscales" in (ome := _ome(node)):
            return ("",)
        if "plate" in ome:
            wells = [well for well in _paths(ome["plate"], "wells") if is_zarr(path / well)]
            found = [f"{well}/{field}" for well in wells for field in _paths(_ome(node[well]).get("well"), "images")]
        elif "well" in ome:
            found = _paths(ome["well"], "images")
        else:
            found = _series(path, node) if "bioformats2raw.layout" in ome else []
    except (OSError, ValueError, KeyError, TypeError):
        return ("",)
    return tuple(found) or ("",)


def _series(path: Path, container: zarr.Group) -> list[str]:
    """Images of a bioformats2raw container: those its OME group names, else the numbered ones."""
    named = _ome(container["OME"]).get("series") if is_zarr(path / "OME") else None
    if isinstance(named, list) and named:
        return [str(each) for each in named]
    return sorted((each.name for each in path.iterdir() if each.name.isdigit() and is_zarr(each)), key=int)


def _paths(parent: object, key: str) -> list[str]:
    """The `path` of each object in the list under `key`."""
    return [str(each["path"]) for each in _objects(_mapping(parent).get(key)) if "path" in each]


def _image(group: zarr.Group, ome: Attributes, name: str, level: int, *, with_labels: bool = True) -> Image:
    scales = next(_objects(ome.get("multiscales")), {})
    version = str(scales.get("version") or ome.get("version") or "0.4")
    if version not in _VERSIONS or "coordinateSystems" in scales:
        draft = version if version not in _VERSIONS else "0.6"
        raise UnsupportedFormat(
            f"{name!r} is OME-Zarr {draft}; read here are {' and '.join(_VERSIONS)}. "
            "Open it with a version of the package ome-zarr that knows it, or ask the authors for a 0.5 copy."
        )
    axes, units = _axes(scales, name)
    levels = tuple(_levels(group, scales, axes, name))
    if not levels or not -len(levels) <= level < len(levels):
        raise OpenFailed(f"{name!r} has {len(levels)} resolution levels, numbered from 0; there is no level {level}.")
    channels = _channels(_mapping(ome.get("omero")), axes, levels[0].data.shape)
    return Image(
        name=_text(scales.get("name")) or name,
        axes=axes,
        levels=levels,
        level=level % len(levels),
        units=units,
        channels=channels,
        labels=_labels(group) if with_labels else {},
        format=f"OME-Zarr {version}",
    )


def _axes(scales: Attributes, name: str) -> tuple[tuple[str, ...], dict[str, str]]:
    entries = list(_objects(scales.get("axes")))
    axes = tuple(str(entry.get("name", "")).lower() for entry in entries)
    if len(axes) < 2 or len(set(axes)) != len(axes) or "" in axes:
        raise OpenFailed(f"{name!r} does not name its axes as OME-Zarr 0.4 or 0.5 does.")
    return axes, {axis: str(entry["unit"]) for axis, entry in zip(axes, entries, strict=True) if entry.get("unit")}


def _levels(group: zarr.Group, scales: Attributes, axes: tuple[str, ...], name: str) -> Iterator[Level]:
    import zarr

    common = _scale(scales, len(axes))
    for entry in _objects(scales.get("datasets")):
        try:
            array = group[str(entry["path"])]
        except KeyError as error:
            raise OpenFailed(f"{name!r} is incomplete: the resolution {entry.get('path')!r} is not there.") from error
        if not isinstance(array, zarr.Array) or array.ndim != len(axes):
            raise OpenFailed(f"{name!r} has a resolution ({entry['path']!r}) that does not fit its {len(axes)} axes.")
        own = _scale(entry, len(axes))
        yield Level(data=_lazy(array), scale=tuple(a * b for a, b in zip(own, common, strict=True)))


def _scale(entry: Attributes, count: int) -> tuple[float, ...]:
    for transform in _objects(entry.get("coordinateTransformations")):
        values = transform.get("scale")
        if transform.get("type") == "scale" and isinstance(values, list) and len(values) == count:
            return tuple(float(value) for value in values)
    return (1.0,) * count


def _labels(group: zarr.Group) -> dict[str, Image]:
    import zarr

    try:
        container = group["labels"]
    except KeyError:
        return {}
    if not isinstance(container, zarr.Group):
        return {}
    found = {}
    for name in _ome(container).get("labels") or []:
        try:
            label = container[str(name)]
            if isinstance(label, zarr.Group):
                found[str(name)] = _image(label, _ome(label), str(name), 0, with_labels=False)
        except (KeyError, OpenFailed):
            continue  # a broken label does not keep anybody from the image
    return found


def _channels(omero: Attributes, axes: tuple[str, ...], shape: tuple[int, ...]) -> tuple[Channel, ...]:
    count = int(shape[axes.index("c")]) if "c" in axes else 1
    entries = [*_objects(omero.get("channels"))][:count]
    found = [
        Channel(
            name=_text(entry.get("label")) or f"Channel {number}",
            colour=_colour(entry.get("color")),
            window=_window(_mapping(entry.get("window"))),
            is_active=entry.get("active") is not False,
        )
        for number, entry in enumerate(entries)
    ]
    return tuple(found + [Channel(name=f"Channel {number}") for number in range(len(found), count)])


def _colour(value: object) -> str | None:
    digits = str(value).lstrip("#").upper() if value is not None else ""
    return digits[:6] if re.fullmatch(r"[0-9A-F]{6}([0-9A-F]{2})?", digits) else None


def _window(window: Attributes) -> tuple[float, float] | None:
    try:
        start, end = float(window["start"]), float(window["end"])
    except (KeyError, TypeError, ValueError):
        return None
    return (start, end) if start < end else None


def _plain(array: zarr.Array[Any], name: str) -> Image:
    if not 2 <= array.ndim <= len(_DEFAULT_AXES):
        raise UnsupportedFormat(f"{name!r} is a Zarr array of {array.ndim} dimensions; images have 2 to 5.")
    named = getattr(array.metadata, "dimension_names", None) or ()
    axes = tuple(str(axis).lower() for axis in named)
    if len(axes) != array.ndim or len(set(axes)) != len(axes) or not {"y", "x"} <= set(axes):
        axes = _DEFAULT_AXES[-array.ndim :] if array.ndim != 3 else ("z", "y", "x")
    channels = _channels({}, axes, array.shape)
    level = Level(data=_lazy(array), scale=(1.0,) * array.ndim)
    return Image(name=name, axes=axes, levels=(level,), channels=channels, format="Zarr array")


def _lazy(array: zarr.Array[Any]) -> dask.array.Array:
    import dask.array

    from_array: Any = dask.array.from_array  # dask annotates it only in part
    lazy: dask.array.Array = from_array(array, chunks=array.shards or array.chunks, name=False, inline_array=True)
    return lazy


def _ome(node: Any) -> Attributes:
    attributes = dict(node.attrs)
    inner = attributes.get("ome")
    return inner if isinstance(inner, Mapping) else attributes


def _mapping(value: object) -> Attributes:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> Iterator[Attributes]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def _text(value: object) -> str:
    return value.strip().strip("/") if isinstance(value, str) else ""
