"""Write the demo data sets, each whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lifedesk_catalogue.demo_site import scikit_image
from lifedesk_catalogue.demo_site.cells import synthetic_cells
from lifedesk_catalogue.demo_site.describe import Description, write_crate, write_yaml
from lifedesk_catalogue.demo_site.ome_zarr import write_cells
from lifedesk_catalogue.demo_site.peptide import SEQUENCE, write_coiled_coil
from lifedesk_catalogue.demo_site.timelapse import synthetic_timelapse, write_timelapse

AUTHORS = ("Lifedesk contributors",)
READABLE = 0o755

CELLS = Description(
    accession="demo-cells-3d",
    title="Epithelial cells in three dimensions, synthetic: nuclei, actin, mitochondria",
    text=(
        "A computed confocal stack of a monolayer: three channels, 20 slices, 0.2 µm pixels, with photon noise and "
        "camera offset, and the number of the nucleus of each voxel as labels. OME-Zarr 0.5 with three levels. "
        "Made to try tools on; it shows no real cell."
    ),
    authors=AUTHORS,
    licence="CC0-1.0",
    keywords=("synthetic", "fluorescence microscopy", "confocal", "nuclei", "actin", "mitochondria", "segmentation"),
)
MITOSIS = Description(
    accession="demo-mitosis-timelapse",
    title="Cells that move and divide, synthetic time-lapse: histone H2B, cytoplasm",
    text=(
        "A computed film of 16 frames, one each 6 minutes, two channels, 0.65 µm pixels; some cells round up, "
        "condense and divide. OME-TIFF. Made to try tools on; it shows no real cell."
    ),
    authors=AUTHORS,
    licence="CC0-1.0",
    keywords=("synthetic", "time-lapse", "live imaging", "mitosis", "nuclei", "tracking"),
)
COILED_COIL = Description(
    accession="demo-coiled-coil",
    title="Two-stranded coiled coil, a model built from ideal geometry",
    text=(
        f"Two chains of {SEQUENCE}, ideal alpha helices packed by their leucines. mmCIF. A model to try tools on: "
        "nobody has made this peptide or measured its structure."
    ),
    authors=AUTHORS,
    licence="CC0-1.0",
    keywords=("model", "protein structure", "coiled coil", "alpha helix", "peptide"),
)
COLON = Description(
    accession="demo-colon-histology",
    title="Colonic glands, immunohistochemistry of FHL2 with haematoxylin",
    text=(
        "Colour micrograph of tissue: FHL2 protein in brown (DAB), counterstained blue. Acquired at the Center for "
        "Microscopy and Molecular Imaging; comes with the scikit-image package, which knows of no copyright "
        "restrictions. OME-TIFF, pixel size unknown."
    ),
    authors=("Center for Microscopy and Molecular Imaging (CMMI)",),
    licence="No known copyright restrictions",
    keywords=("histology", "immunohistochemistry", "colon", "tissue", "brightfield"),
)
PHASE = Description(
    accession="demo-cell-phase",
    title="Cell floating in saline, quantitative phase",
    text=(
        "Phase image of one cell, retrieved from a digital hologram, 0.107 µm pixels. Comes with the scikit-image "
        "package under CC0. OME-TIFF."
    ),
    authors=("Paul Müller", "Mirjam Schürmann", "Salvatore Girardo", "Gheorghe Cojoc", "Jochen Guck"),
    licence="CC0-1.0",
    keywords=("quantitative phase imaging", "holography", "suspended cell"),
    citation=(
        "Müller P, Schürmann M, Girardo S, Cojoc G, Guck J. Accurate evaluation of size and refractive index for "
        "spherical objects in quantitative phase imaging. Optics Express 26(8), 10729-10743 (2018). "
        "https://doi.org/10.1364/OE.26.010729"
    ),
)


@dataclass(frozen=True)
class _Recipe:
    """How the folder of one data set is filled."""

    description: Description
    write: Callable[[Description, Path], None]
    needs_scikit_image: bool = False


def _cells(description: Description, folder: Path) -> None:
    write_cells(synthetic_cells(), folder / "cells.ome.zarr")
    write_crate(description, folder / "cells.ome.zarr", "application/vnd+zarr")


def _mitosis(description: Description, folder: Path) -> None:
    write_timelapse(synthetic_timelapse(), folder / "mitosis.ome.tiff")
    write_crate(description, folder / "mitosis.ome.tiff", "image/tiff")


def _coiled_coil(description: Description, folder: Path) -> None:
    """Described in the short form, so that the demo shows both."""
    write_coiled_coil(folder / "coiled-coil.cif", title=description.title, authors=description.authors)
    write_yaml(description, folder)


def _from_scikit_image(write: Callable[[Path, Path], None], name: str) -> Callable[[Description, Path], None]:
    def fill(description: Description, folder: Path) -> None:
        images = scikit_image.folder()
        if images is None:
            raise ModuleNotFoundError("scikit-image is not installed", name="skimage")
        write(images, folder / name)
        write_crate(description, folder / name, "image/tiff")

    return fill


_RECIPES = (
    _Recipe(CELLS, _cells),
    _Recipe(MITOSIS, _mitosis),
    _Recipe(COILED_COIL, _coiled_coil),
    _Recipe(COLON, _from_scikit_image(scikit_image.write_histology, "colon.ome.tiff"), needs_scikit_image=True),
    _Recipe(PHASE, _from_scikit_image(scikit_image.write_phase, "cell.ome.tiff"), needs_scikit_image=True),
)
DEMO_DATASETS = tuple(recipe.description.accession for recipe in _RECIPES)


def write_demo_site(target: Path) -> dict[str, str]:
    """Write the data sets that are missing in `target`; what became of each, as words, by accession.

    A data set gets its name when it is complete, so an interrupted call leaves nothing half and the next one goes
    on. Raises `OSError` when the folder cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    has_scikit_image = scikit_image.folder() is not None
    outcomes = {}
    for recipe in _RECIPES:
        folder = target / recipe.description.accession
        if folder.exists():
            outcomes[folder.name] = "already there"
        elif recipe.needs_scikit_image and not has_scikit_image:
            outcomes[folder.name] = "left out, because scikit-image, which holds this picture, is not installed"
        else:
            _write_whole(recipe, folder)
            outcomes[folder.name] = "written"
    return outcomes


def _write_whole(recipe: _Recipe, folder: Path) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        recipe.write(recipe.description, unfinished)
        unfinished.chmod(READABLE)  # mkdtemp makes folders for one person
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
