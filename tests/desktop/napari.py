"""napari on a desktop, worked with the mouse: where its buttons are, what its canvas shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from tests.desktop.desk import Area, Desk, Picture
from tests.desktop.samples import Colour
from tests.support.waiting import wait_until

PATIENCE = 120.0
Point = tuple[int, int]

_OPACITY = 0.7  # so much of a label's colour a new layer of labels shows
# Places of its window, from the upper left corner: the button for a new layer of labels while there is no layer, the
# upper left of the brush's button, the colour of the label to paint with. From the lower left: the switch for 3D.
_NEW_LABELS, _BRUSH, _LABEL = (97, 416), (88, 60), (116, 157)
_DIMENSIONS = (67, -46)
_GREY = (65, 72, 81)  # of buttons
# A part of the canvas that is there in 2D and 3D: so far from the left, upper, right and lower edge of the window.
_CANVAS = (390, 60, 20, 140)


def canvas(desk: Desk) -> Area:
    """Where the middle of its canvas is on the screen."""
    left, top, right, lower = desk.area_of("napari")
    return left + _CANVAS[0], top + _CANVAS[1], right - _CANVAS[2], lower - _CANVAS[3]


def on_canvas(desk: Desk, across: float, down: float) -> Point:
    """The place on the screen of a point of the canvas: (0, 0) is its upper left, (1, 1) its lower right."""
    left, top, right, lower = canvas(desk)
    return round(left + across * (right - left)), round(top + down * (lower - top))


def until_greeted(desk: Desk) -> None:
    """Wait until its window greets on a black canvas, with its buttons beside it."""

    def greets() -> bool:
        left, top, _, _ = desk.area_of("napari")
        screen = desk.screen()
        button = _pixel(screen, (left + _NEW_LABELS[0], top + _NEW_LABELS[1] - 12))
        shown = screen.crop(canvas(desk)).convert("L").histogram()
        return _is_near(button, _GREY) and sum(shown[:24]) > 0.5 * sum(shown) and sum(shown[128:]) > 0

    wait_until(greets, "napari does not greet", PATIENCE)


def make_labels(desk: Desk) -> Colour:
    """Make a layer of labels and take the brush, each with its button; the colour that it paints with on black."""
    left, top, _, _ = desk.area_of("napari")

    def seen(place: Point) -> Colour | None:
        colour = _pixel(desk.screen(), (left + place[0], top + place[1]))
        return colour if max(colour) - min(colour) > 60 else None  # grey is what they are while there is nothing

    desk.page.mouse.click(left + _NEW_LABELS[0], top + _NEW_LABELS[1])
    label = wait_until(lambda: seen(_LABEL), "napari makes no labels", PATIENCE)
    desk.page.mouse.click(left + _BRUSH[0] + 10, top + _BRUSH[1] + 10)
    wait_until(lambda: seen(_BRUSH), "napari does not take the brush", PATIENCE)
    assert label
    red, green, blue = (round(_OPACITY * value) for value in label)
    return red, green, blue


def paint(desk: Desk, points: Sequence[Point], colour: Colour) -> None:
    """Draw lines from point to point, at the pace at which they are seen in `colour`."""
    desk.page.mouse.move(*points[0])
    desk.page.mouse.down()
    for line in pairwise(points):
        desk.page.mouse.move(*line[1], steps=20)
        wait_until(partial(_shows, desk, line, colour), f"the line {line} is not seen in {colour}", PATIENCE)
    desk.page.mouse.up()


def is_painted(picture: Picture, points: Sequence[Point], colour: Colour) -> bool:
    """Whether the lines between `points` show `colour`; their ends do not count, the brush's cursor is there."""
    along = np.concatenate([np.linspace(start, end, 40)[4:-4] for start, end in pairwise(points)])
    return all(_is_near(_pixel(picture, (round(x), round(y))), colour) for x, y in along)


def switch_dimensions(desk: Desk) -> None:
    """Click on the button for 3D, or for 2D again."""
    left, _, _, lower = desk.area_of("napari")
    desk.page.mouse.click(left + _DIMENSIONS[0], lower + _DIMENSIONS[1])


def turn(desk: Desk) -> None:
    """Drag what is seen in 3D to the right and down."""
    desk.page.mouse.move(*on_canvas(desk, 0.3, 0.4))
    desk.page.mouse.down()
    desk.page.mouse.move(*on_canvas(desk, 0.45, 0.65), steps=20)
    desk.page.mouse.up()


def _shows(desk: Desk, points: Sequence[Point], colour: Colour) -> bool:
    return is_painted(desk.screen(), points, colour)


def _is_near(colour: Colour, wanted: Colour) -> bool:
    return all(abs(one - other) < 24 for one, other in zip(colour, wanted, strict=True))


def _pixel(picture: Picture, place: Point) -> Colour:
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]
