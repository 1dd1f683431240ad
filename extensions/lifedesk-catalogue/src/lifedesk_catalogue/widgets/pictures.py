"""Pictures as PNG bytes: thumbnails from archives (checked, made small) and quick looks of our own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lifedesk_catalogue.errors import CatalogueError
from lifedesk_catalogue.model import Dataset
from lifedesk_catalogue.opening import open_dataset, openable
from lifedesk_catalogue.overview import overview
from lifedesk_catalogue.running import run
from lifedesk_catalogue.transport import Policy, Transport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THUMBNAIL_PIXELS = 160
SMALLEST_PIXELS = 240
LARGEST_BYTES = 8 * 2**20
LARGEST_PIXELS = 50_000_000
TIMEOUT_SECONDS = 15.0
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP")


class NoPicture(Exception):
    """There is no thumbnail to be had, for the reason in the message; the list goes on without."""


def thumbnail(dataset: Dataset) -> bytes:
    """A small PNG for `dataset`: the archive's own, or for the site's data one computed from the pixels.

    Raises `NoPicture`.
    """
    if dataset.thumbnail_url:
        return small_png(_fetched(dataset.thumbnail_url))
    if dataset.archive != "site":
        raise NoPicture("The archive has no thumbnail of this data set.")
    paths = openable(dataset)
    if not paths:
        raise NoPicture("Nothing in this data set can be drawn.")
    return png(overview(open_dataset(dataset, paths[0] or None), size=THUMBNAIL_PIXELS))


def enlarged(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture, each pixel made a square of several if its longer side is far below `SMALLEST_PIXELS`."""
    times = max(1, SMALLEST_PIXELS // max(rgb.shape[:2]))
    return rgb.repeat(times, axis=0).repeat(times, axis=1)


def png(rgb: NDArray[np.uint8]) -> bytes:
    """The picture as PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="PNG")
    return buffer.getvalue()


def small_png(content: bytes) -> bytes:
    """A downloaded picture, drawn anew as a small PNG, so that nothing else an archive sent gets to the browser.

    Raises `NoPicture` for what is no picture, or one too large to be a thumbnail.
    """
    from PIL import Image

    with _as_no_picture(OSError, ValueError, Image.DecompressionBombError, SyntaxError):
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > LARGEST_PIXELS:
            raise NoPicture("The archive's thumbnail is too large.")
        picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, format="PNG")
        return buffer.getvalue()


def _fetched(address: str) -> bytes:
    parts = urlsplit(address)
    if parts.scheme == "file":
        with _as_no_picture(OSError), Path(unquote(parts.path)).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise NoPicture("The archive's thumbnail is too large.")
        return content
    with _as_no_picture(CatalogueError):
        return run(_downloaded(address))


async def _downloaded(address: str) -> bytes:
    async with Transport(Policy(attempts=1, connections=1)) as transport:
        return await transport.read(address, deadline_seconds=TIMEOUT_SECONDS, limit_bytes=LARGEST_BYTES)


@contextmanager
def _as_no_picture(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise NoPicture(f"The thumbnail cannot be used: {error}") from error
