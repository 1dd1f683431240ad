"""Open pulled (or local) data with the reader its format asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lifedesk_catalogue.errors import ChoosePath, MissingPackage, OpenFailed, UnsupportedFormat
from lifedesk_catalogue.image import Image
from lifedesk_catalogue.model import Dataset
from lifedesk_catalogue.names import CRATE, OWN_FOLDER

if TYPE_CHECKING:
    import gemmi

_TIFF = (".tif", ".tiff", ".btf", ".tf8")
_STRUCTURE = (".cif", ".mmcif", ".pdb", ".ent", ".cif.gz", ".pdb.gz", ".ent.gz")
_ELSEWHERE = {
    ".bcif": ("BinaryCIF", "biotite; or pull the .cif"),
    ".bcif.gz": ("BinaryCIF", "biotite; or pull the .cif"),
    ".mrc": ("MRC", "mrcfile"),
    ".map": ("CCP4/MRC map", "mrcfile or gemmi"),
    ".dcm": ("DICOM", "pydicom"),
    ".nii": ("NIfTI", "nibabel"),
    ".nii.gz": ("NIfTI", "nibabel"),
    ".czi": ("Zeiss CZI", "bioio-czi"),
    ".nd2": ("Nikon ND2", "nd2"),
    ".lif": ("Leica LIF", "readlif"),
    ".ims": ("Imaris", "h5py"),
    ".h5": ("HDF5", "h5py"),
    ".hdf5": ("HDF5", "h5py"),
    ".h5ad": ("AnnData", "anndata"),
    ".n5": ("N5", "tensorstore"),
    ".csv": ("table", "pandas"),
    ".tsv": ("table", "pandas"),
    ".png": ("picture", "imageio"),
    ".jpg": ("picture", "imageio"),
    ".zip": ("archive", "the command unzip, then open what is in it"),
}
_LOOKED_AT = 100_000


def open_dataset(source: Path | str | Dataset, path: str | None = None, *, level: int = 0) -> Image | gemmi.Structure:
    """The image or structure at `source`: a file, an OME-Zarr folder, a pulled folder, or a `Dataset`.

    A `Dataset` is looked for where `plan_pull` puts it; the site's own data is opened in place until it is pulled.
    `path` picks one of several inside. OME-Zarr 0.4/0.5 and OME-TIFF give an `Image`, mmCIF and PDB a
    `gemmi.Structure`.
    Raises `ChoosePath` (lists what there is), `UnsupportedFormat`, `MissingPackage`, `OpenFailed`.
    """
    place = _place(source)
    if path:
        inside = place / path
        if not inside.resolve().is_relative_to(place.resolve()):
            raise OpenFailed(f"{path!r} is outside {place.name!r}.")
        place = inside
    if not place.exists():
        raise OpenFailed(f"{place} does not exist. Pull the data set first, or correct the path.")
    if _kind(place) is None and place.is_dir():
        found = openable(place)
        if not found:
            raise OpenFailed(f"{_nothing_in(place)}")
        if len(found) > 1:
            shown = ", ".join(map(repr, found[:10])) + (f" and {len(found) - 10} more" if len(found) > 10 else "")
            raise ChoosePath(f"{place.name!r} holds several things to open; name one with `path`: {shown}.", found)
        place = place / found[0]
    return _open(place, level)


def openable(source: Path | str | Dataset) -> tuple[str, ...]:
    """What `open_dataset` can open in `source`, as paths inside it; `("",)` when `source` itself is one.

    Raises `OpenFailed` when `source` does not exist.
    """
    place = _place(source)
    if not place.exists():
        raise OpenFailed(f"{place} does not exist. Pull the data set first, or correct the path.")
    if _kind(place):
        return _images_in(place, "")
    return tuple(name for found in _found_in(place) for name in _images_in(place / found, found))


def _place(source: Path | str | Dataset) -> Path:
    if not isinstance(source, Dataset):
        if str(source).startswith(("http://", "https://")):
            raise OpenFailed(f"{source} is on the web. Pull it first: pull(plan_pull(get(…))).")
        return Path(source).expanduser()
    from lifedesk_catalogue.plan import default_folder
    from lifedesk_catalogue.settings import SiteSettings, load_settings

    pulled = default_folder(source)
    if (pulled / CRATE).is_file():  # written last: the pull has ended
        return pulled
    settings = load_settings().get(source.archive) if source.archive == "site" else None
    if isinstance(settings, SiteSettings):
        return settings.path / source.accession
    how_far, again = (" whole yet", "again") if pulled.is_dir() else ("", "first")
    raise OpenFailed(
        f"{source.accession} has not been pulled to {pulled}{how_far}. Pull it {again}: pull(plan_pull(dataset))."
    )


def _kind(place: Path) -> str | None:
    from lifedesk_catalogue.formats.ome_zarr import is_zarr

    name = place.name.lower()
    if place.is_dir():
        return "zarr" if is_zarr(place) else None
    if name.endswith(_TIFF):
        return "tiff"
    return "structure" if name.endswith(_STRUCTURE) else None


def _open(place: Path, level: int) -> Image | gemmi.Structure:
    try:
        match _kind(place):
            case "zarr":
                from lifedesk_catalogue.formats.ome_zarr import open_zarr

                return open_zarr(place, level)
            case "tiff":
                from lifedesk_catalogue.formats.tiff import open_tiff

                return open_tiff(place, level)
            case "structure":
                from lifedesk_catalogue.formats.structure import open_structure

                return open_structure(place)
    except ImportError as error:
        raise MissingPackage(
            f"The package {error.name} reads {place.name!r}, and is not installed. Install it: pip install {error.name}"
        ) from error
    raise UnsupportedFormat(_advice(place))


def _advice(place: Path) -> str:
    for suffix, (what, reader) in _ELSEWHERE.items():
        if place.name.lower().endswith(suffix):
            return f"{place.name!r} is a {what} file, which is not opened here; it is read by {reader}."
    return f"{place.name!r} is of a format not known here. Opened are OME-Zarr, OME-TIFF, mmCIF and PDB."


def _nothing_in(place: Path) -> str:
    known = next((each for each in place.rglob("*") if each.name.lower().endswith(tuple(_ELSEWHERE))), None)
    advice = _advice(known) if known else "Opened are OME-Zarr, OME-TIFF, mmCIF and PDB."
    return f"There is nothing in {place.name!r} that is opened here. {advice}"


def _found_in(place: Path) -> Iterator[str]:
    looked_at = 0
    for folder, folders, names in os.walk(place):
        folders.sort()
        here = Path(folder)
        for name in list(folders):
            if name == OWN_FOLDER or _kind(here / name):
                folders.remove(name)
                if name != OWN_FOLDER:
                    yield (here / name).relative_to(place).as_posix()
        yield from ((here / name).relative_to(place).as_posix() for name in sorted(names) if _kind(here / name))
        looked_at += len(names)
        if looked_at > _LOOKED_AT:
            return


def _images_in(place: Path, name: str) -> tuple[str, ...]:
    if not place.is_dir():
        return (name,)
    from lifedesk_catalogue.formats.ome_zarr import image_paths

    return tuple("/".join(filter(None, (name, each))) for each in image_paths(place))
