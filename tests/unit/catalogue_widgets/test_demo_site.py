"""The demo data sets are what they say they are, and are written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import gemmi
import numpy as np
import pytest
import tifffile
import zarr
from numpy.typing import NDArray
from ome_zarr_models.v05 import Image, ImageLabel
from rocrate.rocrate import ROCrate

from lifedesk_catalogue.demo_site import DEMO_DATASETS, peptide, scikit_image, write, write_demo_site

MEBIBYTE = 1024**2


def pixels(*parts: str | Path) -> NDArray[np.uint16]:
    return np.asarray(zarr.open_array(str(Path(*parts)), mode="r")[...])


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_cells_are_a_valid_ome_zarr_image_with_valid_labels(demo_site: Path) -> None:
    cells = demo_site / "demo-cells-3d" / "cells.ome.zarr"
    group = zarr.open_group(str(cells), mode="r")
    image = Image.from_zarr(group)
    assert [axis.name for axis in image.ome_attributes.multiscales[0].axes] == ["c", "z", "y", "x"]
    assert len(image.ome_attributes.multiscales[0].datasets) == 3
    labels = ImageLabel.from_zarr(zarr.open_group(str(cells / "labels" / "nuclei"), mode="r"))
    assert labels.ome_attributes.image_label is not None
    channels = json.loads((cells / "zarr.json").read_text())["attributes"]["ome"]["omero"]["channels"]
    assert [channel["label"] for channel in channels] == ["Nuclei (DNA)", "Actin", "Mitochondria"]


def test_labels_lie_where_the_nuclei_are_bright(demo_site: Path) -> None:
    cells = demo_site / "demo-cells-3d" / "cells.ome.zarr"
    nuclei, labels = pixels(cells, "0")[0], pixels(cells, "labels/nuclei/0")
    assert len(np.unique(labels)) > 20
    assert np.median(nuclei[labels > 0]) > 2 * np.median(nuclei[labels == 0])


def test_coarser_levels_keep_the_mean_brightness(demo_site: Path) -> None:
    cells = demo_site / "demo-cells-3d" / "cells.ome.zarr"
    assert pixels(cells, "2").shape == (3, 20, 80, 80)
    assert pixels(cells, "2").mean() == pytest.approx(pixels(cells, "0").mean(), rel=0.01)


def test_timelapse_states_its_axes_pixel_size_and_channels(demo_site: Path) -> None:
    with tifffile.TiffFile(demo_site / "demo-mitosis-timelapse" / "mitosis.ome.tiff") as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == "TCYX"
        pixels = tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"]["Pixels"]
        assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeXUnit"]) == (0.65, "µm")
        assert [channel["Name"] for channel in pixels["Channel"]] == ["Histone H2B", "Cytoplasm"]
        film = tiff.asarray()
    assert np.abs(film[0].astype(int) - film[-1].astype(int)).max() > 100, "nothing moves"


def test_coiled_coil_is_left_handed_amino_acids_in_hydrogen_bonded_helices_that_do_not_clash(
    demo_site: Path,
) -> None:
    structure = gemmi.read_structure(str(demo_site / "demo-coiled-coil" / "coiled-coil.cif"))
    first, second = structure[0]
    sequence = gemmi.one_letter_code([residue.name for residue in first])
    assert sequence == gemmi.one_letter_code([residue.name for residue in second]) == peptide.SEQUENCE
    for residue in first:
        n, ca, c, cb = (np.array(residue.sole_atom(name).pos.tolist()) for name in ("N", "CA", "C", "CB"))
        assert np.cross(n - ca, c - ca) @ (cb - ca) > 2.0, f"{residue} has the wrong hand"
    bonds = [first[i].sole_atom("O").pos.dist(first[i + 4].sole_atom("N").pos) for i in range(len(first) - 4)]
    assert all(2.7 < bond < 3.4 for bond in bonds)
    contacts = [one.pos.dist(other.pos) for a in first for one in a for b in second for other in b]
    assert 3.2 < min(contacts) < 4.5, "the helices clash or do not touch"


def test_coiled_coil_says_that_it_is_a_model(demo_site: Path) -> None:
    block = gemmi.cif.read(str(demo_site / "demo-coiled-coil" / "coiled-coil.cif")).sole_block()
    assert list(block.find_values("_exptl.method")) == ["'THEORETICAL MODEL'"]
    assert "model" in block.find_value("_struct.title")
    assert list(block.find_values("_audit_author.name")) == ["'Lifedesk contributors'"]


def test_crates_state_licence_authors_and_the_checksum_of_every_file(demo_site: Path) -> None:
    for accession in ("demo-cells-3d", "demo-mitosis-timelapse"):
        crate = ROCrate(demo_site / accession)
        assert crate.license == "https://creativecommons.org/publicdomain/zero/1.0/"
        assert [author["name"] for author in crate.root_dataset["author"]] == ["Lifedesk contributors"]
        described = {
            entity["@id"]: entity["sha256"]
            for entity in json.loads((demo_site / accession / "ro-crate-metadata.json").read_text())["@graph"]
            if entity["@type"] == "File"
        }
        found = contents(demo_site / accession)
        del found["ro-crate-metadata.json"]
        assert described == found


def test_data_sets_are_the_same_bytes_every_time_and_small(demo_site: Path, tmp_path: Path) -> None:
    write_demo_site(tmp_path)
    assert contents(tmp_path) == contents(demo_site)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 30 * MEBIBYTE


def test_real_micrographs_are_written_or_the_reason_is_named(tmp_path: Path) -> None:
    for accession in DEMO_DATASETS[:3]:
        (tmp_path / accession).mkdir()
    outcomes = write_demo_site(tmp_path)
    assert [outcomes[accession] for accession in DEMO_DATASETS[:3]] == ["already there"] * 3
    for accession in DEMO_DATASETS[3:]:
        if scikit_image.folder() is None:
            assert "scikit-image" in outcomes[accession]
            assert not (tmp_path / accession).exists()
        else:
            assert outcomes[accession] == "written"
            assert (tmp_path / accession / "ro-crate-metadata.json").exists()


def test_an_interrupted_writing_leaves_nothing_and_the_next_one_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(write, "write_crate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_demo_site(tmp_path)
    assert list(tmp_path.iterdir()) == []
    write_demo_site(tmp_path)
    assert set(DEMO_DATASETS[:3]) <= {path.name for path in tmp_path.iterdir()}


def test_a_target_that_is_a_file_is_refused_in_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from lifedesk_catalogue.demo_site.__main__ import main

    target = tmp_path / "file"
    target.write_text("not a folder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["demo_site", str(target)])
        assert main() == 1
    message = capfd.readouterr().err
    assert str(target) in message
    assert "Traceback" not in message
