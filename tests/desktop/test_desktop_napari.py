"""napari shows an OME-Zarr with its channels' colours in 2D, in 3D, and turned."""

from __future__ import annotations

import docker
import numpy as np
from playwright.sync_api import BrowserContext

from tests.desktop import napari
from tests.desktop.desk import Desk, Picture, changed_share, open_desk, running_session
from tests.desktop.samples import SAMPLES
from tests.desktop.shown import prepare, until_shown
from tests.images import session
from tests.support.browser import picture_if_wanted
from tests.support.waiting import wait_until

LEAST_SHARE = 0.003  # mitochondria are fine threads


def test_the_cells_have_their_channels_colours_in_2d_and_in_3d(
    docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], home: str, context: BrowserContext
) -> None:
    sample = SAMPLES["napari"]
    with running_session(docker_engine, image_tags["imaging"], hub, home, mem_limit="4g") as server:
        prepare(server, sample)
        desk = open_desk(server, context)
        empty = desk.until_painted()
        desk.open("napari", sample.path)
        until_shown(desk, sample, empty)
        flat = until_all_channels(desk, [])
        picture_if_wanted(desk.page, "napari-2d")
        napari.switch_dimensions(desk)
        deep = until_all_channels(desk, [flat])
        picture_if_wanted(desk.page, "napari-3d")
        napari.turn(desk)
        until_all_channels(desk, [flat, deep])
        picture_if_wanted(desk.page, "napari-3d-turned")


def until_all_channels(desk: Desk, unlike: list[Picture]) -> Picture:
    """The part of the canvas at which `unlike` were taken, once it shows all channels and another picture."""
    area = napari.canvas(desk)

    def found() -> Picture | None:
        shown = desk.screen().crop(area)
        size = (min(picture.width for picture in [shown, *unlike]), min(picture.height for picture in [shown, *unlike]))
        others = [picture.crop((0, 0, *size)) for picture in unlike]
        differs = all(changed_share(other, shown.crop((0, 0, *size))) > 0.2 for other in others)
        return shown if differs and min(channel_shares(shown)) > LEAST_SHARE else None

    try:
        shown = wait_until(found, "napari does not show the channels anew", napari.PATIENCE)
    except AssertionError as error:
        raise AssertionError(f"shares of the channels: {channel_shares(desk.screen().crop(area))}") from error
    assert shown
    return shown


def channel_shares(picture: Picture) -> list[float]:
    """The shares of pixels that are blue, red and green before all: nuclei, actin and mitochondria."""
    pixels = np.asarray(picture).astype(int)
    shares = []
    for channel in (2, 0, 1):
        others = np.delete(pixels, channel, axis=2).max(axis=2)
        shares.append(float((pixels[:, :, channel] - others > 40).mean()))
    return shares
