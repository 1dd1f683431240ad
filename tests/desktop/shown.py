"""Whether a program shows its sample: what is prepared before, what must be seen after."""

from __future__ import annotations

from PIL import Image, ImageChops

from tests.desktop.desk import Desk, Picture, changed_share, count_colours, put_file
from tests.desktop.samples import Colour, Sample
from tests.images import session
from tests.support.waiting import wait_until


def prepare(server: session.Server, sample: Sample) -> None:
    """Put the sample into the home directory."""
    if sample.path and sample.shared_file:
        put_file(server, sample.path, sample.shared_file.read_bytes())
    elif sample.make:
        put_file(server, ".make-sample.py", sample.make.encode())
        server.shell("cd ~ && python .make-sample.py && rm .make-sample.py")


def until_shown(desk: Desk, sample: Sample, empty: Picture) -> None:
    """Wait until the sample's window is there and painted; `empty` is the screen before."""
    wait_until(lambda: is_open(desk, sample), f"no window {sample.window!r}: {desk.windows()}", sample.seconds)
    try:
        wait_until(lambda: not faults(empty, desk.screen(), sample), "the picture lacks something", sample.seconds)
    except AssertionError as error:
        raise AssertionError(f"{sample.window}: {'; '.join(faults(empty, desk.screen(), sample))}") from error


def is_open(desk: Desk, sample: Sample) -> bool:
    """Whether a window of the sample's name is there."""
    return any(sample.window.lower() in window.lower() for window in desk.windows())


def faults(empty: Picture, shown: Picture, sample: Sample) -> list[str]:
    """What the picture lacks; nothing when it shows the sample."""
    if shown.size != empty.size:
        return [f"the screen has {shown.size} instead of {empty.size} pixels"]
    painted = ImageChops.difference(empty, shown).getbbox()
    share = changed_share(empty, shown)
    if painted is None or share < 0.05:
        return [f"only {share:.1%} of the screen were painted"]
    colours = count_colours(shown, painted)
    few = [f"only {colours} colours were painted"] if colours < sample.least_colours else []
    return few + [f"the colour {colour} is not seen" for colour in sample.seen if colour_share(shown, colour) < 0.002]


def colour_share(picture: Picture, colour: Colour, within: int = 40) -> float:
    """The share of pixels that look like `colour`: each channel `within` so many of 255."""
    flat = Image.new("RGB", picture.size, colour)
    channels = ImageChops.difference(picture, flat).point(lambda value: 255 if value <= within else 0).split()
    near = ImageChops.multiply(ImageChops.multiply(channels[0], channels[1]), channels[2])
    return near.histogram()[255] / (picture.width * picture.height)
