"""Two real micrographs out of the scikit-image package, rewritten as OME-TIFF."""

from __future__ import annotations

import importlib.util
import uuid
from pathlib import Path

import matplotlib.image
import numpy as np
import tifffile

CELL_PIXEL_MICROMETER = 0.107  # scikit-image's documentation of `skimage.data.cell`


def folder() -> Path | None:
    """Where the installed scikit-image keeps its images; None without scikit-image."""
    found = importlib.util.find_spec("skimage")
    return Path(found.origin).parent / "data" if found and found.origin else None


def write_histology(images: Path, target: Path) -> None:
    """Colon tissue, immunohistochemistry in colour, as the new file `target`."""
    pixels = np.rint(matplotlib.image.imread(images / "ihc.png")[..., :3] * 255).astype(np.uint8)
    tifffile.imwrite(
        target,
        pixels,
        ome=True,
        photometric="rgb",
        compression="zlib",
        metadata={"axes": "YXS", **_origin(target)},
    )


def write_phase(images: Path, target: Path) -> None:
    """A floating cell's quantitative phase, as the new file `target`."""
    pixels = np.rint(matplotlib.image.imread(images / "cell.png") * 255).astype(np.uint8)
    tifffile.imwrite(
        target,
        pixels,
        ome=True,
        photometric="minisblack",
        compression="zlib",
        metadata={
            "axes": "YX",
            "PhysicalSizeX": CELL_PIXEL_MICROMETER,
            "PhysicalSizeXUnit": "µm",
            "PhysicalSizeY": CELL_PIXEL_MICROMETER,
            "PhysicalSizeYUnit": "µm",
            "Channel": {"Name": ["Phase"]},
            **_origin(target),
        },
    )


def _origin(target: Path) -> dict[str, str]:
    """Fixed, so that the file is the same byte for byte whenever it is written."""
    return {"UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, target.name)), "Creator": "Lifedesk demo site"}
