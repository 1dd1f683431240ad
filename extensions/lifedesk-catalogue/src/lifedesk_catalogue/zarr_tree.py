"""Which files an OME-Zarr on a web server consists of, worked out from its metadata, as HTTP cannot list folders.

Formats: Zarr v2 and v3 (consolidated or not), OME-NGFF 0.4 and 0.5 (images, labels, plates, bioformats2raw layout).
A chunk that holds only fill value need not exist: chunks are therefore optional files.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from math import ceil, prod
from typing import NamedTuple

from lifedesk_catalogue.errors import NotListable

LARGEST_TREE = 500_000
"""More chunks than this are not pulled one by one."""

Read = Callable[[str], Awaitable[bytes | None]]
"""The bytes of a key inside the tree; None when it does not exist."""
Node = Mapping[str, object]


class Key(NamedTuple):
    """A file of the tree, by its path inside it."""

    path: str
    is_optional: bool


async def tree_keys(read: Read, name: str) -> tuple[Key, ...]:
    """The files of the Zarr hierarchy that `read` reads from. `name` is for messages.

    Raises `NotListable` when it is no Zarr, cannot be enumerated, or has too many chunks.
    """
    keys = await _Walk(read, name).node("")
    if keys is None:
        raise NotListable(
            f"{name!r} is a folder, and the archive does not tell what is in it (it is no Zarr). "
            "Choose other files, or get it from the entry's page."
        )
    return tuple(dict.fromkeys(keys))


class _Walk:
    def __init__(self, read: Read, name: str) -> None:
        self._read, self._name = read, name
        self._chunks = 0

    async def node(self, path: str) -> list[Key] | None:
        """The files at and below `path`; None when nothing is there."""
        if (document := await self._document(_join(path, "zarr.json"))) is not None:
            return await self._v3(path, document)
        if (array := await self._document(_join(path, ".zarray"))) is not None:
            attributes = Key(_join(path, ".zattrs"), True)
            return [Key(_join(path, ".zarray"), False), attributes, *self._v2_chunks(path, array)]
        if await self._document(_join(path, ".zgroup")) is not None:
            return await self._v2_group(path)
        return None

    async def _v3(self, path: str, document: Node) -> list[Key]:
        keys = [Key(_join(path, "zarr.json"), False)]
        if document.get("node_type") == "array":
            return [*keys, *self._v3_chunks(path, document)]
        consolidated = _mapping(_mapping(document.get("consolidated_metadata")).get("metadata"))
        if consolidated:
            for child, node in consolidated.items():
                where = _join(path, child)
                keys.append(Key(_join(where, "zarr.json"), True))
                if _mapping(node).get("node_type") == "array":
                    keys += self._v3_chunks(where, _mapping(node))
            return keys
        return keys + await self._children(path, _mapping(_mapping(document.get("attributes")).get("ome")), "zarr.json")

    async def _v2_group(self, path: str) -> list[Key]:
        consolidated = _mapping((await self._document(_join(path, ".zmetadata")) or {}).get("metadata"))
        keys = [Key(_join(path, ".zgroup"), False), Key(_join(path, ".zattrs"), True)]
        if consolidated:
            keys.append(Key(_join(path, ".zmetadata"), False))
            for key, node in consolidated.items():
                keys.append(Key(_join(path, key), True))
                if key.rsplit("/", 1)[-1] == ".zarray":
                    keys += self._v2_chunks(_join(path, key.rpartition("/")[0]), _mapping(node))
            return keys
        attributes = await self._document(_join(path, ".zattrs")) or {}
        return keys + await self._children(path, attributes, ".zgroup")

    async def _children(self, path: str, ome: Node, group_file: str) -> list[Key]:
        """Follow what OME-NGFF metadata points to; `group_file` marks the groups between."""
        listed = list(_pointed_to(ome))
        if "bioformats2raw.layout" in ome:
            listed += await self._series(path, group_file)
        if not listed and not _strings(ome.get("labels")):
            raise NotListable(
                f"{self._name!r} holds a Zarr group without consolidated or OME-NGFF metadata "
                f"(at {path or 'its root'!r}); what is in it cannot be found out over HTTP."
            )
        listed += _strings(ome.get("labels"))
        keys = []
        if "bioformats2raw.layout" in ome:
            names = (
                (group_file, "METADATA.ome.xml")
                if group_file == "zarr.json"
                else (".zgroup", ".zattrs", "METADATA.ome.xml")
            )
            keys = [Key(_join(path, f"OME/{each}"), True) for each in names]
        below = await asyncio.gather(*(self._required(path, child) for child in listed))
        keys += [Key(_join(path, place), True) for child in listed for place in _between(child, group_file)]
        keys += [key for part in below for key in part]
        if "multiscales" in ome:
            keys += await self.node(_join(path, "labels")) or []
        return keys

    async def _required(self, path: str, child: str) -> list[Key]:
        found = await self.node(_join(path, child))
        if found is None:
            raise NotListable(f"{self._name!r} is incomplete: its metadata names {child!r}, which is not there.")
        return found

    async def _series(self, path: str, group_file: str) -> list[str]:
        """Images of a bioformats2raw root: those its OME group names, else 0, 1, … while there are any."""
        attributes_file = "zarr.json" if group_file == "zarr.json" else ".zattrs"
        group = await self._document(_join(path, f"OME/{attributes_file}")) or {}
        ome = _mapping(_mapping(group.get("attributes")).get("ome")) if group_file == "zarr.json" else group
        if named := _strings(ome.get("series")):
            return named
        found: list[str] = []
        while await self._read(_join(path, f"{len(found)}/{group_file}")) is not None:
            found.append(str(len(found)))
        return found

    def _v3_chunks(self, path: str, array: Node) -> Iterator[Key]:
        grid = _mapping(_mapping(array.get("chunk_grid")).get("configuration"))
        encoding = _mapping(array.get("chunk_key_encoding"))
        style = str(encoding.get("name", "default"))
        separator = str(_mapping(encoding.get("configuration")).get("separator", "/" if style == "default" else "."))
        prefix = "c" + separator if style == "default" else ""
        return self._chunk_keys(path, array.get("shape"), grid.get("chunk_shape"), separator, prefix)

    def _v2_chunks(self, path: str, array: Node) -> Iterator[Key]:
        separator = str(array.get("dimension_separator", "."))
        return self._chunk_keys(path, array.get("shape"), array.get("chunks"), separator, "")

    def _chunk_keys(self, path: str, shape: object, chunk: object, separator: str, prefix: str) -> Iterator[Key]:
        lengths, sizes = _lengths(shape), _lengths(chunk)
        if lengths is None or sizes is None or len(lengths) != len(sizes) or 0 in sizes:
            raise NotListable(f"{self._name!r} has an array with a shape that cannot be read (at {path!r}).")
        counts = [ceil(length / size) for length, size in zip(lengths, sizes, strict=True)]
        self._chunks += prod(counts)
        if self._chunks > LARGEST_TREE:
            raise NotListable(
                f"{self._name!r} has more than {LARGEST_TREE:,} chunks, too many to pull one by one over HTTP."
            )
        if not counts:
            return iter([Key(_join(path, prefix.rstrip("/.") or "0"), True)])
        grid = itertools.product(*map(range, counts))
        return (Key(_join(path, prefix + separator.join(map(str, place))), True) for place in grid)

    async def _document(self, key: str) -> Node | None:
        body = await self._read(key)
        if body is None:
            return None
        try:
            document = json.loads(body)
        except ValueError as error:
            raise NotListable(f"{self._name!r} has metadata that is not JSON: {key}.") from error
        return _mapping(document)


def _pointed_to(ome: Node) -> Iterator[str]:
    """Paths of arrays (multiscales), wells (plate) and fields (well) in OME-NGFF metadata."""
    for scales in _objects(ome.get("multiscales")):
        yield from (str(each["path"]) for each in _objects(scales.get("datasets")) if "path" in each)
    for container, entries in (("plate", "wells"), ("well", "images")):
        for each in _objects(_mapping(ome.get(container)).get(entries)):
            if "path" in each:
                yield str(each["path"])


def _between(child: str, group_file: str) -> Iterator[str]:
    """Metadata files of the groups on the way to `a/b/c`: those of `a` and `a/b`."""
    parts = child.split("/")
    for depth in range(1, len(parts)):
        yield "/".join([*parts[:depth], group_file])
        if group_file == ".zgroup":
            yield "/".join([*parts[:depth], ".zattrs"])


def _join(path: str, key: str) -> str:
    return f"{path}/{key}" if path else key


def _mapping(value: object) -> Node:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> Iterator[Node]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def _strings(value: object) -> list[str]:
    return [str(each) for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _lengths(value: object) -> list[int] | None:
    whole = isinstance(value, list) and all(isinstance(each, int) and each >= 0 for each in value)
    return list(value) if whole and isinstance(value, list) else None
