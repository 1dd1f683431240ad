"""Every program of every image opens a fitting sample in its desktop, and the picture is not blank."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest
import yaml
from PIL import Image, ImageChops
from playwright.sync_api import BrowserContext

from tests.desktop.desk import Desk, Picture, changed_share, count_colours, open_desk, put_file, running_session
from tests.desktop.samples import SAMPLES, Colour, Sample
from tests.images import session
from tests.support.browser import picture_if_wanted
from tests.support.waiting import wait_until

IMAGES = Path(__file__).parents[2] / "images"
PROGRAMS = [
    pytest.param(file.parent.name, app["slug"], id=f"{file.parent.name}-{app['slug']}")
    for file in sorted(IMAGES.glob("*/apps.yaml"))
    for app in yaml.safe_load(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("image", "slug"), PROGRAMS)
def test_every_program_shows_its_sample(
    image: str, slug: str, docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], home: str,
    context: BrowserContext,
) -> None:  # fmt: skip
    assert slug in SAMPLES, f"give the program {slug!r} of the image {image!r} a sample in tests/desktop/samples.py"
    sample = SAMPLES[slug]
    with running_session(docker_engine, image_tags[image], hub, home, mem_limit="4g") as server:
        prepare(server, sample)
        desk = open_desk(server, context)
        empty = desk.until_painted()
        desk.open(slug, sample.path)
        wait_until(lambda: is_open(desk, sample), f"no window {sample.window!r}: {desk.windows()}", sample.seconds)
        try:
            wait_until(lambda: not faults(empty, desk.screen(), sample), "the picture lacks something", sample.seconds)
        except AssertionError as error:
            raise AssertionError(f"{slug}: {'; '.join(faults(empty, desk.screen(), sample))}") from error
        finally:
            picture_if_wanted(desk.page, f"app-{image}-{slug}")
        assert server.get("/lifedesk/api/notices").json() == []


def prepare(server: session.Server, sample: Sample) -> None:
    """Put the sample into the home directory."""
    if sample.path and sample.shared_file:
        put_file(server, sample.path, sample.shared_file.read_bytes())
    elif sample.make:
        put_file(server, ".make-sample.py", sample.make.encode())
        server.shell("cd ~ && python .make-sample.py && rm .make-sample.py")


def is_open(desk: Desk, sample: Sample) -> bool:
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


def colour_share(picture: Picture, colour: Colour) -> float:
    """The share of pixels that look like `colour`: each channel within 40 of 255."""
    flat = Image.new("RGB", picture.size, colour)
    channels = ImageChops.difference(picture, flat).point(lambda value: 255 if value <= 40 else 0).split()
    near = ImageChops.multiply(ImageChops.multiply(channels[0], channels[1]), channels[2])
    return near.histogram()[255] / (picture.width * picture.height)
