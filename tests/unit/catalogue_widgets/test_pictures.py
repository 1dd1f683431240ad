"""Quick looks as pictures that can be seen."""

from __future__ import annotations

import numpy as np

from lifedesk_catalogue.widgets.pictures import SMALLEST_PIXELS, enlarged


def test_a_small_image_is_shown_with_whole_enlarged_pixels() -> None:
    picture = np.arange(10 * 8 * 3, dtype=np.uint8).reshape(10, 8, 3)
    shown = enlarged(picture)
    assert shown.shape == (SMALLEST_PIXELS, SMALLEST_PIXELS * 8 // 10, 3)
    step = SMALLEST_PIXELS // 10
    assert (shown[:step, :step] == picture[0, 0]).all()
    assert (shown[step // 2 :: step, step // 2 :: step] == picture).all()


def test_a_picture_that_is_large_enough_stays_as_it_is() -> None:
    picture = np.zeros((SMALLEST_PIXELS, 20, 3), dtype=np.uint8)
    assert enlarged(picture).shape == picture.shape
