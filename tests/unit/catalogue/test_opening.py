"""Open images and structures, lazily, with what the files say about them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gemmi
import numpy as np
import pytest
import tifffile
import zarr

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import ChoosePath, MissingPackage, OpenFailed, UnsupportedFormat
from tests.unit.catalogue.conftest import write

AXES = [
    {"name": "c", "type": "channel"},
    {"name": "z", "type": "space", "unit": "micrometer"},
    {"name": "y", "type": "space", "unit": "micrometer"},
    {"name": "x", "type": "space"},
]
OMERO = {
    "channels": [
        {"label": "DAPI", "color": "0000ff", "window": {"start": 10, "end": 200}, "active": True},
        {"label": "GFP", "color": "#00FF00", "window": {"start": 5, "end": 5}, "active": False},
    ]
}


def make_image(path: Path, version: str = "0.5", **changes: Any) -> np.ndarray[Any, Any]:
    """An image of three channels, two levels and one set of labels; gives its pixels."""
    zarr_format = 2 if version == "0.4" else 3
    pixels = np.arange(3 * 2 * 8 * 6, dtype="uint16").reshape(3, 2, 8, 6)
    root = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)  # type: ignore[arg-type]
    for number, step in enumerate((1, 2)):
        root.create_array(str(number), data=pixels[:, :, ::step, ::step], chunks=(1, 1, 4, 4))
    scales = {
        "name": "embryo",
        "axes": AXES,
        "datasets": [
            {"path": str(number), "coordinateTransformations": [scale(1, 2, 0.5 * step, 0.5 * step)]}
            for number, step in enumerate((1, 2))
        ],
        "coordinateTransformations": [scale(1, 1, 2, 2)],
    } | changes  # fmt: skip
    put(root, version, {"multiscales": [scales], "omero": OMERO})
    labels = root.create_group("labels")
    put(labels, version, {"labels": ["cells"]})
    cells = labels.create_group("cells")
    cells.create_array("0", data=(pixels > 9).astype("uint8"))
    put(cells, version, {"multiscales": [{"axes": AXES, "datasets": [{"path": "0"}]}]})
    return pixels


def scale(*values: float) -> dict[str, object]:
    return {"type": "scale", "scale": list(values)}


def computed(data: Any) -> Any:
    """The pixels (dask's methods have no types)."""
    return data.compute()


def put(group: Any, version: str, metadata: dict[str, Any]) -> None:
    if version == "0.4":
        for scales in metadata.get("multiscales", []):
            scales["version"] = version
        group.attrs.update(metadata)
    else:
        group.attrs.update({"ome": metadata | {"version": version}})


def opened(source: Path, path: str | None = None, level: int = 0) -> catalogue.Image:
    image = catalogue.open_dataset(source, path, level=level)
    assert isinstance(image, catalogue.Image)
    return image


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_is_opened_lazily_with_scale_units_channels_and_labels(tmp_path: Path, version: str) -> None:
    pixels = make_image(tmp_path / "i.zarr", version)
    image = opened(tmp_path / "i.zarr")
    assert (image.format, image.name, image.axes) == (f"OME-Zarr {version}", "embryo", ("c", "z", "y", "x"))
    assert image.shape == (3, 2, 8, 6)
    assert image.scale == (1.0, 2.0, 1.0, 1.0)
    assert dict(image.units) == {"z": "micrometer", "y": "micrometer"}
    assert [channel.name for channel in image.channels] == ["DAPI", "GFP", "Channel 2"]
    assert image.channels[0] == catalogue.Channel(name="DAPI", colour="0000FF", window=(10, 200))
    assert (image.channels[1].window, image.channels[1].is_active) == (None, False)
    assert np.array_equal(computed(image.data), pixels)
    assert np.array_equal(computed(image.labels["cells"].data), pixels > 9)


def test_level_is_chosen_and_a_missing_one_is_named(tmp_path: Path) -> None:
    pixels = make_image(tmp_path / "i.zarr")
    image = opened(tmp_path / "i.zarr", level=1)
    assert (image.shape, image.scale, len(image.levels)) == ((3, 2, 4, 3), (1, 2, 2, 2), 2)
    assert np.array_equal(computed(image.data), pixels[:, :, ::2, ::2])
    assert opened(tmp_path / "i.zarr", level=-1).level == 1
    with pytest.raises(OpenFailed, match=r"has 2 resolution levels, numbered from 0; there is no level 2"):
        catalogue.open_dataset(tmp_path / "i.zarr", level=2)


def test_draft_is_refused_with_what_to_do(tmp_path: Path) -> None:
    make_image(tmp_path / "i.zarr", "0.6.dev1")
    with pytest.raises(UnsupportedFormat, match=r"is OME-Zarr 0\.6\.dev1; read here are 0\.4 and 0\.5"):
        catalogue.open_dataset(tmp_path / "i.zarr")
    make_image(tmp_path / "j.zarr", coordinateSystems=[])
    with pytest.raises(NotImplementedError, match=r"is OME-Zarr 0\.6"):
        catalogue.open_dataset(tmp_path / "j.zarr")


def test_plate_is_refused_with_the_path_of_an_image_that_opens(tmp_path: Path) -> None:
    root = zarr.open_group(str(tmp_path / "p.zarr"), mode="w", zarr_format=3)
    put(root, "0.5", {"plate": {"wells": [{"path": "B/2"}]}})
    make_image(tmp_path / "p.zarr" / "B" / "2" / "0")
    with pytest.raises(UnsupportedFormat, match=r"is a plate. Open one of its images by its path, such as 'B/2/0'"):
        catalogue.open_dataset(tmp_path / "p.zarr")
    assert opened(tmp_path / "p.zarr", "B/2/0").shape == (3, 2, 8, 6)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_container_of_one_image_opens_it_and_of_several_lists_them(tmp_path: Path, version: str) -> None:
    zarr_format = 2 if version == "0.4" else 3
    root = zarr.open_group(str(tmp_path / "c.zarr"), mode="w", zarr_format=zarr_format)  # type: ignore[arg-type]
    put(root, version, {"bioformats2raw.layout": 3})
    make_image(tmp_path / "c.zarr" / "0", version)
    assert opened(tmp_path / "c.zarr").name == "embryo"
    make_image(tmp_path / "c.zarr" / "1", version)
    with pytest.raises(ChoosePath, match=r"holds 2 images\. Open one: 0, 1\."):
        catalogue.open_dataset(tmp_path / "c.zarr")
    assert catalogue.openable(tmp_path) == ("c.zarr/0", "c.zarr/1")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"axes": ["y", "x"]}, "does not name its axes"),
        ({"axes": AXES[2:]}, "does not fit its 2 axes"),
        ({"datasets": [{"path": "9"}]}, "the resolution '9' is not there"),
        ({"datasets": []}, "has 0 resolution levels"),
    ],
)
def test_broken_image_is_refused_in_a_sentence(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    make_image(tmp_path / "i.zarr", **changes)
    with pytest.raises(OpenFailed, match=sentence):
        catalogue.open_dataset(tmp_path / "i.zarr")


def test_zarr_that_is_not_readable_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "i.zarr" / "zarr.json", b"{")
    with pytest.raises(OpenFailed, match=r"'i\.zarr' is not a readable Zarr"):
        catalogue.open_dataset(tmp_path / "i.zarr")


def test_plain_array_and_group_without_metadata(tmp_path: Path) -> None:
    zarr.create_array(str(tmp_path / "a.zarr"), shape=(2, 5, 6), dtype="uint8")
    assert opened(tmp_path / "a.zarr").axes == ("z", "y", "x")
    zarr.open_group(str(tmp_path / "g.zarr"), mode="w")
    with pytest.raises(UnsupportedFormat, match=r"is a Zarr group without OME-NGFF image metadata"):
        catalogue.open_dataset(tmp_path / "g.zarr")


def test_ome_tiff_is_opened_with_channels_and_sizes(tmp_path: Path) -> None:
    pixels = np.arange(2 * 32 * 48, dtype="uint16").reshape(2, 32, 48)
    metadata = {
        "axes": "CYX", "PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.5,
        "PhysicalSizeYUnit": "µm",
        "Channel": {"Name": ["DAPI", "GFP"], "Color": [65535, -16776961]}, "Name": "section",
    }  # fmt: skip
    tifffile.imwrite(tmp_path / "s.ome.tif", pixels, metadata=metadata, ome=True)
    image = opened(tmp_path / "s.ome.tif")
    assert (image.format, image.name, image.axes) == ("OME-TIFF", "section", ("c", "y", "x"))
    assert image.scale == (1.0, 0.5, 0.25)
    assert dict(image.units) == {"x": "micrometer", "y": "micrometer"}
    assert [(channel.name, channel.colour) for channel in image.channels] == [("DAPI", "0000FF"), ("GFP", "FF0000")]
    assert np.array_equal(computed(image.data), pixels)


def test_pyramid_and_colours_of_a_tiff_are_kept(tmp_path: Path) -> None:
    pixels = np.arange(64 * 64 * 3, dtype="uint8").reshape(64, 64, 3)
    with tifffile.TiffWriter(tmp_path / "p.tif") as writer:
        writer.write(pixels, subifds=1, tile=(32, 32), photometric="rgb")
        writer.write(pixels[::2, ::2], subfiletype=1, tile=(32, 32), photometric="rgb")
    image = opened(tmp_path / "p.tif")
    assert image.axes == ("y", "x", "c")
    assert [level.data.shape for level in image.levels] == [(64, 64, 3), (32, 32, 3)]
    assert [channel.colour for channel in image.channels] == ["FF0000", "00FF00", "0000FF"]


def test_what_is_no_tiff_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.tif", b"not a picture")
    with pytest.raises(OpenFailed, match=r"'x\.tif' is not a readable TIFF"):
        catalogue.open_dataset(tmp_path / "x.tif")


def make_structure(path: Path) -> None:
    structure = gemmi.Structure()
    model = gemmi.Model(1) if _numbered_models() else gemmi.Model("1")  # type: ignore[arg-type]
    for name, offset in (("A", 0.0), ("B", 30.0)):
        chain = gemmi.Chain(name)
        for number in range(12):
            residue = gemmi.Residue()
            residue.name, residue.seqid = "ALA", gemmi.SeqId(number + 1, " ")
            atom = gemmi.Atom()
            atom.name, atom.element = "CA", gemmi.Element("C")
            atom.pos = gemmi.Position(3.8 * number, offset, np.sin(number))
            residue.add_atom(atom)
            chain.add_residue(residue)
        model.add_chain(chain)
    structure.add_model(model)
    structure.name = "MADE"
    structure.setup_entities()
    structure.make_mmcif_document().write_file(str(path))


def _numbered_models() -> bool:
    try:
        gemmi.Model(1)
    except TypeError:
        return False
    return True


def test_structure_is_opened(tmp_path: Path) -> None:
    make_structure(tmp_path / "m.cif")
    structure = catalogue.open_dataset(tmp_path / "m.cif")
    assert isinstance(structure, gemmi.Structure)
    assert [chain.name for chain in structure[0]] == ["A", "B"]


@pytest.mark.parametrize("content", [b"", b"data_x\n_cell.length_a 3\n", b"\xff\xfe\0"])
def test_cif_without_atoms_is_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "x.cif", content)
    with pytest.raises(OpenFailed):
        catalogue.open_dataset(tmp_path / "x.cif")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x.mrc", "'x.mrc' is a MRC file, which is not opened here; it is read by mrcfile."),
        ("x.odd", "'x.odd' is of a format not known here. Opened are OME-Zarr, OME-TIFF, mmCIF and PDB."),
    ],
)
def test_other_formats_are_named_with_what_reads_them(tmp_path: Path, name: str, sentence: str) -> None:
    write(tmp_path / name, b"x")
    with pytest.raises(UnsupportedFormat) as caught:
        catalogue.open_dataset(tmp_path / name)
    assert str(caught.value) == sentence


def test_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_structure(tmp_path / "m.cif")
    monkeypatch.setitem(sys.modules, "gemmi", None)
    with pytest.raises(MissingPackage, match=r"The package gemmi reads 'm.cif', and is not installed"):
        catalogue.open_dataset(tmp_path / "m.cif")


def test_folder_with_several_things_lists_them(tmp_path: Path) -> None:
    make_structure(tmp_path / "m.cif")
    make_image(tmp_path / "deep" / "i.zarr")
    write(tmp_path / ".lifedesk" / "parts" / "x.tif", b"x")
    with pytest.raises(ChoosePath) as caught:
        catalogue.open_dataset(tmp_path)
    assert caught.value.paths == ("m.cif", "deep/i.zarr")
    assert isinstance(catalogue.open_dataset(tmp_path, "deep/i.zarr"), catalogue.Image)
    with pytest.raises(OpenFailed, match=r"is outside"):
        catalogue.open_dataset(tmp_path / "deep", "../m.cif")
    with pytest.raises(OpenFailed, match=r"does not exist"):
        catalogue.open_dataset(tmp_path / "nowhere")


def test_folder_with_nothing_to_open_says_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "a.czi", b"x")
    with pytest.raises(OpenFailed, match=r"nothing in .* that is opened here\. 'a\.czi' is a Zeiss CZI file"):
        catalogue.open_dataset(tmp_path)


def test_data_set_is_found_where_it_was_pulled_or_on_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps({"site": {"path": str(tmp_path / "site")}}))
    make_image(tmp_path / "site" / "i.zarr")
    own = catalogue.get("i.zarr")
    assert isinstance(catalogue.open_dataset(own), catalogue.Image)
    remote = catalogue.Dataset(archive="bioimage-archive", accession="S-BIAD1", title="x")
    with pytest.raises(OpenFailed, match=r"S-BIAD1 has not been pulled to .*\. Pull it first"):
        catalogue.open_dataset(remote)
    with pytest.raises(OpenFailed, match=r"is on the web. Pull it first"):
        catalogue.open_dataset("https://h/i.zarr")
    pulled = write_folder(tmp_path / "home" / "data" / "bioimage-archive" / "S-BIAD1")
    make_structure(pulled / "m.cif")
    with pytest.raises(OpenFailed, match=r"S-BIAD1 has not been pulled to .* whole yet\. Pull it again"):
        catalogue.open_dataset(remote)
    write(pulled / "ro-crate-metadata.json", b"{}")
    assert catalogue.openable(remote) == ("m.cif",)


def test_site_data_is_opened_in_place_until_its_pull_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps({"site": {"path": str(tmp_path / "site")}}))
    make_structure(write_folder(tmp_path / "site" / "own") / "m.cif")
    pulling = write_folder(tmp_path / "home" / "data" / "site" / "own")
    write(pulling / ".lifedesk" / "parts" / "0123.part", b"half")
    assert catalogue.openable(catalogue.get("own")) == ("m.cif",)
    assert isinstance(catalogue.open_dataset(catalogue.get("own")), gemmi.Structure)


def write_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("name", ["simple_0.4.zarr", "simple_0.5.zarr", "im06.ome.zarr", "test_image_cyx.zarr"])
def test_real_images_are_opened(samples: Path, name: str) -> None:
    image = opened(samples / "ome-ngff" / name)
    assert computed(image.data).shape == image.shape


def test_real_plate_is_refused_and_its_image_opened(samples: Path) -> None:
    with pytest.raises(UnsupportedFormat, match=r"such as 'A/1/0'"):
        catalogue.open_dataset(samples / "ome-ngff" / "hcs.ome.zarr")
    assert opened(samples / "ome-ngff" / "hcs.ome.zarr", "A/1/0").channels[0].colour == "6496C8"


def test_images_of_a_real_plate_are_listed_to_choose_from(samples: Path) -> None:
    plate = samples / "ome-ngff" / "hcs.ome.zarr"
    assert catalogue.openable(plate) == ("A/1/0", "A/1/1", "A/2/0", "A/2/1", "B/1/0", "B/1/1", "B/2/0", "B/2/1")
    assert catalogue.openable(plate / "A" / "2") == ("0", "1")


def test_real_tiff_and_structures_are_opened(samples: Path) -> None:
    assert opened(samples / "ome-tiff" / "multi-channel.ome.tif").shape == (3, 167, 439)
    structure = catalogue.open_dataset(samples / "pdb" / "4hhb-assembly1.cif.gz")
    assert isinstance(structure, gemmi.Structure)
    assert len(structure[0]) >= 4
