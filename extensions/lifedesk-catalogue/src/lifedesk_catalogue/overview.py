"""A quick look: one RGB picture of an image or a structure, computed without plotting libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifedesk_catalogue.image import Image

if TYPE_CHECKING:
    import gemmi
    import numpy
    from numpy.typing import NDArray


def overview(opened: Image | gemmi.Structure, *, size: int = 512) -> NDArray[numpy.uint8]:
    """An RGB picture (height, width, 3) whose longer side has at most about `size` pixels.

    Images: the coarsest level that still has `size` pixels, first time point, brightest along z, channels added in
    their colours within their windows (or the 0.1 and 99.9 percentiles where the file states none). Structures: the
    backbone, seen along its thinnest direction, a colour per chain, nearer atoms brighter.
    """
    raise NotImplementedError
