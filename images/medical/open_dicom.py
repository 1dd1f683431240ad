"""Show a DICOM series in MRIcron, which itself opens one slice at a time: `open_dicom.py PATH`.

PATH is a slice (its whole series is shown), a DICOMDIR, or a folder (of all series in it and below, the one with most
slices is shown). The volume is written to /tmp in NIfTI's coordinates; the DICOM files are only read.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pydicom
import SimpleITK
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError

VIEWER = "/usr/bin/mricron"
_TAGS = ["SeriesInstanceUID", "SeriesDescription", "Modality", "Rows"]


class NothingToShow(ValueError):
    """There is no DICOM picture where one was looked for; the message is for people."""


def series_of(path: Path) -> list[Path]:
    """The files of the series to show, in no order. Raises `NothingToShow`."""
    if path.is_dir() or path.name.upper() == "DICOMDIR":
        folder = path if path.is_dir() else path.parent
        found = _series_in(sorted(folder.rglob("*")))
        if not found:
            raise NothingToShow(f"There is no DICOM picture in {folder} or below.")
        return max(found.values(), key=len)
    header = _header(path)
    if header is None:
        raise NothingToShow(f"{path.name} is no DICOM picture.")
    return _series_in(sorted(path.parent.iterdir()))[str(header.SeriesInstanceUID)]


def volume(files: list[Path]) -> SimpleITK.Image:
    """The series as one image in patient coordinates (mm), its slices ordered by where they lie.

    A single file may hold many frames.
    """
    if len(files) == 1:
        return SimpleITK.ReadImage(str(files[0]))
    uid = str(pydicom.dcmread(files[0], stop_before_pixels=True, specific_tags=_TAGS).SeriesInstanceUID)
    with tempfile.TemporaryDirectory() as links:
        for number, file in enumerate(files):
            (Path(links) / str(number)).symlink_to(file.resolve())
        ordered = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(links, uid)
        return SimpleITK.ReadImage(ordered)


def write_volume(files: list[Path]) -> Path:
    """Write the series to a new file in /tmp, named after what it shows."""
    header = pydicom.dcmread(files[0], stop_before_pixels=True, specific_tags=_TAGS)
    words = f"{header.get('Modality', '')} {header.get('SeriesDescription', '') or files[0].stem}"
    name = re.sub(r"[^\w-]+", "_", words).strip("_")
    target = Path(tempfile.mkdtemp(prefix="dicom-")) / f"{name}.nii"
    SimpleITK.WriteImage(volume(files), str(target))
    return target


def main(path: Path) -> None:
    """Become the viewer of what `path` names, or end with a sentence on why there is nothing to see."""
    try:
        shown = write_volume(series_of(path))
    except (NothingToShow, OSError, RuntimeError) as error:
        raise SystemExit(f"{path.name} cannot be shown. {error}") from error
    os.execv(VIEWER, [VIEWER, str(shown)])


def _series_in(paths: list[Path]) -> dict[str, list[Path]]:
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in paths:
        header = _header(path)
        if header is not None:
            found[str(header.SeriesInstanceUID)].append(path)
    return dict(found)


def _header(path: Path) -> FileDataset | None:
    """What a picture's file says of itself; None for anything else."""
    if not path.is_file():
        return None
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=_TAGS)
    except (InvalidDicomError, OSError):
        return None
    return header if "Rows" in header and "SeriesInstanceUID" in header else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
