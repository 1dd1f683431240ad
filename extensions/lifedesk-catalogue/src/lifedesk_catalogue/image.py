"""An opened image: lazy pixels at several resolutions, and what the file says about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dask.array


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """How one channel is called and shown."""

    name: str
    colour: str | None = None
    """Six hex digits, RRGGBB."""
    window: tuple[float, float] | None = None
    """The intensities shown as black and as full colour."""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One resolution: pixels (dask array, nothing read yet) and the size of a pixel along each axis."""

    data: dask.array.Array
    scale: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A multi-dimensional image, read lazily.

    `axes` names the dimensions in order, a subset of t, c, z, y, x (other names as the file has them).
    """

    name: str
    axes: tuple[str, ...]
    levels: tuple[Level, ...]
    """Finest first."""
    level: int = 0
    """The one `data`, `scale` and `shape` speak of."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Axis to unit (such as micrometer); an axis without a stated unit is absent."""
    channels: tuple[Channel, ...] = ()
    """As many as the c axis is long; one for an image without it."""
    labels: Mapping[str, Image] = field(default_factory=dict)
    """Segmentations that belong to the image, by name; their pixels are object numbers."""
    format: str = ""
    """Such as `OME-Zarr 0.5`."""

    @property
    def data(self) -> dask.array.Array:
        """The pixels of the chosen level, as a dask array."""
        return self.levels[self.level].data

    @property
    def scale(self) -> tuple[float, ...]:
        """Size of a pixel of the chosen level along each axis, in `units`."""
        return self.levels[self.level].scale

    @property
    def shape(self) -> tuple[int, ...]:
        """Pixels of the chosen level along each axis."""
        return tuple(int(length) for length in self.data.shape)
