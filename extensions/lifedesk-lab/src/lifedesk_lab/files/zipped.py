"""A folder as a ZIP file on standard output: `python zipped.py FOLDER`.

Links are not followed: they may lead anywhere, or round in a circle. What cannot be read is named in a file in the
archive, and so are links. Nothing is compressed: images and Zarr chunks are already.
"""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LEFT_OUT = "NOT IN THIS ARCHIVE.txt"


def write_zip(folder: Path, output: BinaryIO) -> None:
    """Write `folder` with all below it to `output`, which need not be seekable."""
    left_out: list[str] = []
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
        for path in _below(folder, left_out):
            name = path.relative_to(folder.parent)
            try:
                archive.write(path, name)
            except PermissionError as error:
                left_out.append(f"{name}: {error.strerror}")
        if left_out:
            archive.writestr(f"{folder.name}/{LEFT_OUT}", "\n".join([*left_out, ""]))


def _below(folder: Path, left_out: list[str]) -> Iterator[Path]:
    yield folder
    for parent, folders, files in os.walk(folder, onerror=lambda error: left_out.append(f"{error.filename}: {error}")):
        for name in sorted(folders + files):
            path = Path(parent, name)
            if path.is_symlink():
                left_out.append(f"{path.relative_to(folder.parent)}: a link to {path.readlink()}")
            elif path.is_dir() or path.is_file():
                yield path


if __name__ == "__main__":
    write_zip(Path(sys.argv[1]), sys.stdout.buffer)
