"""The files of a Zarr on a web server, worked out from its metadata; held against what zarr itself writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zarr

from lifedesk_catalogue import zarr_tree
from lifedesk_catalogue.errors import NotListable
from lifedesk_catalogue.zarr_tree import tree_keys
from tests.unit.catalogue.conftest import write


async def keys_of(folder: Path) -> dict[str, bool]:
    """Key to whether it is optional, read as from a server that cannot list."""

    async def read(key: str) -> bytes | None:
        path = folder / key
        return path.read_bytes() if path.is_file() else None

    return {key.path: key.is_optional for key in await tree_keys(read, folder.name)}


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def make_image(path: Path, zarr_format: int, **array: object) -> None:
    """An image of two levels with labels."""
    root = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)  # type: ignore[arg-type]
    labels = root.create_group("labels")
    for group, names in ((root, ("0", "deep/1")), (labels.create_group("cells"), ("0",))):
        for name in names:
            made = group.create_array(name, shape=(3, 5, 7), chunks=(1, 2, 4), dtype="uint8", **array)  # type: ignore[arg-type]
            made[...] = np.full((3, 5, 7), 9, dtype="uint8")
        scales = {"multiscales": [{"datasets": [{"path": name} for name in names], "axes": []}]}
        group.attrs.update({"ome": scales | {"version": "0.5"}} if zarr_format == 3 else scales)
    labels.attrs.update({"ome": {"labels": ["cells"]}} if zarr_format == 3 else {"labels": ["cells"]})


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("separator", [".", "/"])
async def test_every_file_of_an_image_with_labels_is_found(tmp_path: Path, zarr_format: int, separator: str) -> None:
    name = "v2" if zarr_format == 2 else "default"
    make_image(tmp_path / "i.zarr", zarr_format, chunk_key_encoding={"name": name, "separator": separator})
    found = await keys_of(tmp_path / "i.zarr")
    assert files_in(tmp_path / "i.zarr") <= set(found)
    assert {key for key, is_optional in found.items() if not is_optional} <= files_in(tmp_path / "i.zarr")


async def test_shards_count_as_files_not_their_chunks(tmp_path: Path) -> None:
    make_image(tmp_path / "i.zarr", 3, shards=(3, 6, 8))
    found = await keys_of(tmp_path / "i.zarr")
    assert files_in(tmp_path / "i.zarr") <= set(found)
    assert sum("/c/" in key or key.startswith("c/") for key in found) == 3


async def test_consolidated_metadata_is_enough(tmp_path: Path) -> None:
    for zarr_format in (2, 3):
        path = tmp_path / f"{zarr_format}.zarr"
        root = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)
        root.create_group("unnamed").create_array("a", shape=(4,), chunks=(2,), dtype="uint8")[...] = 1
        if zarr_format == 3:
            document = json.loads((path / "zarr.json").read_text())
            inner = {name: json.loads((path / name / "zarr.json").read_text()) for name in ("unnamed", "unnamed/a")}
            document["consolidated_metadata"] = {"kind": "inline", "must_understand": False, "metadata": inner}
            write(path / "zarr.json", json.dumps(document).encode())
        else:
            zarr.consolidate_metadata(str(path), zarr_format=2)
        assert files_in(path) <= set(await keys_of(path))


async def test_array_alone_is_a_tree_too(tmp_path: Path) -> None:
    zarr.create_array(str(tmp_path / "a.zarr"), shape=(), dtype="uint8")[...] = 1
    assert files_in(tmp_path / "a.zarr") <= set(await keys_of(tmp_path / "a.zarr"))


async def test_folder_that_is_no_zarr_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        NotListable, match=r"is a folder, and the archive does not tell what is in it \(it is no Zarr\)"
    ):
        await keys_of(tmp_path)


async def test_group_without_any_pointers_is_refused(tmp_path: Path) -> None:
    zarr.open_group(str(tmp_path / "g.zarr"), mode="w", zarr_format=2)
    with pytest.raises(NotListable, match="without consolidated or OME-NGFF metadata"):
        await keys_of(tmp_path / "g.zarr")


async def test_too_many_chunks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zarr_tree, "LARGEST_TREE", 10)
    make_image(tmp_path / "i.zarr", 3)
    with pytest.raises(NotListable, match="has more than 10 chunks"):
        await keys_of(tmp_path / "i.zarr")


@pytest.mark.parametrize("content", [b"{", b'{"node_type": "array", "shape": [3], "chunk_grid": {}}'])
async def test_broken_metadata_is_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "zarr.json", content)
    with pytest.raises(NotListable):
        await keys_of(tmp_path)


@pytest.mark.parametrize(
    "name", ["simple_0.4.zarr", "simple_0.5.zarr", "hcs.ome.zarr", "im06.ome.zarr", "test_image_cyx.zarr"]
)
async def test_every_file_of_real_images_and_plates_is_found(samples: Path, name: str) -> None:
    assert files_in(samples / "ome-ngff" / name) <= set(await keys_of(samples / "ome-ngff" / name))
