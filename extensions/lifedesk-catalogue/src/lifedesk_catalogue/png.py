"""Write an RGB picture as PNG (https://www.w3.org/TR/png), with the standard library alone."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    """The PNG file of an array (height, width, 3). Raises `ValueError` for another shape or type."""
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype.name != "uint8":
        raise ValueError(f"a picture is uint8 of (height, width, 3), not {picture.dtype} of {picture.shape}")
    height, width, _ = picture.shape
    rows = b"".join(b"\0" + picture[row].tobytes() for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write `png_bytes` to `path`. Raises `OSError`."""
    path.write_bytes(png_bytes(picture))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
