"""Open pulled (or local) data with the reader its format asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lifedesk_catalogue.image import Image
from lifedesk_catalogue.model import Dataset

if TYPE_CHECKING:
    import gemmi


def open_dataset(source: Path | str | Dataset, path: str | None = None, *, level: int = 0) -> Image | gemmi.Structure:
    """The image or structure at `source`: a file, an OME-Zarr folder, a pulled folder, or a `Dataset`.

    A `Dataset` is looked for where `plan_pull` puts it; the site's own data is opened in place. `path` picks one of
    several inside. OME-Zarr 0.4/0.5 and OME-TIFF give an `Image`, mmCIF and PDB a `gemmi.Structure`.
    Raises `ChoosePath` (lists what there is), `UnsupportedFormat`, `MissingPackage`, `OpenFailed`.
    """
    raise NotImplementedError


def openable(source: Path | str | Dataset) -> tuple[str, ...]:
    """What `open_dataset` can open in `source`, as paths inside it; `("",)` when `source` itself is one."""
    raise NotImplementedError
