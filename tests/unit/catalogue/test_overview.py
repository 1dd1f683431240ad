"""The quick look: right colours, right level, right brightness."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import OpenFailed
from lifedesk_catalogue.image import Channel, Image, Level
from lifedesk_catalogue.overview import sufficient_level
from lifedesk_catalogue.png import png_bytes
from tests.unit.catalogue.test_opening import make_structure


def lazy(pixels: Any) -> Any:
    """A dask array of them (dask's functions have no types)."""
    import dask.array

    from_array: Any = dask.array.from_array
    return from_array(pixels, chunks=64)


def image(pixels: np.ndarray[Any, Any], axes: str, *channels: Channel) -> Image:
    level = Level(data=lazy(pixels), scale=(1.0,) * pixels.ndim)
    return Image(name="i", axes=tuple(axes), levels=(level,), channels=channels)


def test_channels_are_added_in_their_colours_within_their_windows() -> None:
    pixels = np.zeros((2, 4, 4), dtype="uint16")
    pixels[0, 0, 0], pixels[0, 0, 1] = 100, 55
    pixels[1, 0, 0], pixels[1, 3, 3] = 500, 9999
    picture = catalogue.overview(
        image(
            pixels, "cyx",
            Channel(name="a", colour="FF0000", window=(10, 100)), Channel(name="b", colour="0000FF", window=(0, 1000)),
        )
    )  # fmt: skip
    assert (picture.dtype.name, picture.shape) == ("uint8", (4, 4, 3))
    assert picture[0, 0].tolist() == [255, 0, 128]
    assert picture[0, 1].tolist() == [128, 0, 0]
    assert picture[3, 3].tolist() == [0, 0, 255]
    assert picture[1, 1].tolist() == [0, 0, 0]


def test_channel_that_is_switched_off_is_not_shown() -> None:
    pixels = np.full((2, 4, 4), 9, dtype="uint8")
    picture = catalogue.overview(
        image(pixels, "cyx", Channel(name="a", colour="FF0000", is_active=False), Channel(name="b", colour="00FF00"))
    )
    assert picture[0, 0].tolist() == [0, 255, 0]


def test_brightest_along_z_of_the_first_time_point_is_shown() -> None:
    pixels = np.zeros((2, 3, 4, 4), dtype="uint8")
    pixels[0, 2, 1, 1] = 200
    pixels[1, 0, 2, 2] = 200
    picture = catalogue.overview(image(pixels, "tzyx", Channel(name="a", window=(0, 200))))
    assert picture[1, 1].tolist() == [255, 255, 255]
    assert picture[2, 2].tolist() == [0, 0, 0]


def test_percentiles_stand_in_where_there_is_no_window_or_a_wrong_one() -> None:
    ramp = np.tile(np.linspace(1000, 2000, 64, dtype="float32"), (64, 1))
    for channel in (Channel(name="a"), Channel(name="a", window=(0, 1)), Channel(name="a", window=(9000, 9001))):
        picture = catalogue.overview(image(ramp, "yx", channel))
        assert (picture[0, 0, 0], picture[0, -1, 0]) == (0, 255)
        assert 120 < picture[0, 32, 0] < 135


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_do_no_harm(value: float) -> None:
    pixels = np.tile(np.linspace(0, 1, 16), (16, 1))
    pixels[0, 0] = value
    assert catalogue.overview(image(pixels, "yx", Channel(name="a"))).max() == 255
    assert catalogue.overview(image(np.full((4, 4), value), "yx", Channel(name="a"))).max() == 0


def test_sparse_and_constant_images_are_seen() -> None:
    sparse = np.zeros((100, 100), dtype="uint8")
    sparse[50, 50] = 3
    assert catalogue.overview(image(sparse, "yx", Channel(name="a")))[50, 50].tolist() == [255, 255, 255]
    assert catalogue.overview(image(np.full((4, 4), 7), "yx", Channel(name="a"))).min() == 255
    assert catalogue.overview(image(np.zeros((4, 4)), "yx", Channel(name="a"))).max() == 0


def test_the_coarsest_level_with_enough_pixels_is_read_and_no_other() -> None:
    levels = tuple(Level(data=lazy(np.full((side, side), side)), scale=(1.0, 1.0)) for side in (2048, 1024, 512, 256))
    made = Image(name="i", axes=("y", "x"), levels=levels, channels=(Channel(name="a"),))
    assert sufficient_level(made, 512).data.shape == (512, 512)
    assert sufficient_level(made, 300).data.shape == (512, 512)
    assert sufficient_level(made, 9999).data.shape == (2048, 2048)
    assert catalogue.overview(made, size=512).shape == (512, 512, 3)


def test_picture_of_an_image_without_levels_is_thinned() -> None:
    assert catalogue.overview(image(np.ones((2000, 1000)), "yx", Channel(name="a")), size=100).shape == (100, 50, 3)


def test_what_has_no_picture_is_refused() -> None:
    with pytest.raises(OpenFailed, match="has no y and x axes"):
        catalogue.overview(image(np.ones((2, 3)), "cz", Channel(name="a")))
    with pytest.raises(ValueError, match="size is a number of pixels"):
        catalogue.overview(image(np.ones((2, 3)), "yx"), size=0)


def test_structure_is_drawn_with_a_colour_per_chain(tmp_path: Path) -> None:
    make_structure(tmp_path / "m.cif")
    picture = catalogue.overview(catalogue.open_dataset(tmp_path / "m.cif"), size=200)
    assert max(picture.shape[:2]) in range(195, 206)
    drawn = picture[picture.any(axis=2)].astype(int)
    blue = int((drawn[:, 2] > drawn[:, 0]).sum())
    orange = int((drawn[:, 0] > drawn[:, 2]).sum())
    assert blue > 100
    assert orange > 100
    assert 0.3 < blue / orange < 3
    assert not picture[0].any()


def test_png_holds_the_pixels() -> None:
    picture = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    content = png_bytes(picture)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    length = struct.unpack(">I", content[33:37])[0]
    rows = np.frombuffer(zlib.decompress(content[41 : 41 + length]), dtype=np.uint8).reshape(4, 16)
    assert np.array_equal(rows[:, 1:].reshape(4, 5, 3), picture)
    with pytest.raises(ValueError, match="a picture is uint8"):
        png_bytes(picture.astype("uint16"))
