"""The desktop's file manager opens files, and folders of certain names, with the programs that suit them."""

from __future__ import annotations

from dataclasses import replace

import docker
import pytest
from PIL import ImageOps
from playwright.sync_api import BrowserContext

from tests.desktop.desk import SECONDS, Desk, changed_share, open_desk, running_session
from tests.desktop.samples import SAMPLES, Sample
from tests.desktop.shown import prepare, until_shown
from tests.images import session
from tests.support.browser import picture_if_wanted
from tests.support.waiting import wait_until

FOLDER = "looked-at"
WHITE = (255, 255, 255)
_FIRST = (162, 70, 242, 120)
"""Edges of the first icon, from the upper left corner of the file manager's window."""
FILES = [
    pytest.param("imaging", replace(SAMPLES["imagej"], window="napari"), id="tif-napari"),  # before ImageJ
    pytest.param("structural", SAMPLES["pymol"], id="cif-pymol"),
    pytest.param("structural", SAMPLES["pymol-map"], id="map-pymol"),
    pytest.param("medical", SAMPLES["mricron"], id="dcm-mricron"),
    pytest.param("desktop", SAMPLES["editor"], id="txt-editor"),
]


def look_at(desk: Desk, path: str) -> tuple[int, int]:
    """Open the file manager on a folder that holds what `path` names and nothing else; where the first icon is."""
    desk.server.shell(f"mkdir ~/{FOLDER} && mv ~/{path} ~/{FOLDER}")
    desk.open("files", FOLDER)
    desk.until_window(FOLDER)
    left, top, _, _ = desk.area_of(FOLDER)
    icon = left + _FIRST[0], top + _FIRST[1], left + _FIRST[2], top + _FIRST[3]

    def is_shown() -> bool:
        seen = desk.screen().crop(icon)
        return seen.getpixel((0, 0)) == WHITE and ImageOps.invert(seen).getbbox() is not None

    wait_until(is_shown, "the folder shows nothing", SECONDS)
    return (icon[0] + icon[2]) // 2, (icon[1] + icon[3]) // 2


@pytest.mark.parametrize(("image", "sample"), FILES)
def test_a_double_click_opens_the_file_with_its_program(
    image: str, sample: Sample, docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str],
    home: str, context: BrowserContext,
) -> None:  # fmt: skip
    with running_session(docker_engine, image_tags[image], hub, home, mem_limit="4g") as server:
        prepare(server, sample)
        desk = open_desk(server, context)
        assert sample.path
        place = look_at(desk, f"{sample.path}/*" if sample.path.endswith(".series") else sample.path)
        before = desk.until_painted()
        desk.page.mouse.dblclick(*place)
        until_shown(desk, sample, before)
        picture_if_wanted(desk.page, f"double-click-{sample.path}")


def test_the_menu_of_a_zarr_folder_opens_it_with_napari(
    docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], home: str, context: BrowserContext
) -> None:
    sample = SAMPLES["napari"]
    with running_session(docker_engine, image_tags["imaging"], hub, home, mem_limit="4g") as server:
        prepare(server, sample)
        desk = open_desk(server, context)
        assert sample.path
        place = look_at(desk, sample.path)
        before = desk.until_painted()
        desk.page.mouse.click(*place, button="right")
        wait_until(lambda: changed_share(before, desk.screen()) > 0.005, "the menu does not open", SECONDS)
        for key in ("ArrowUp", "ArrowUp"):  # from below: its properties, then what opens folders of this name
            desk.page.keyboard.press(key)
        picture_if_wanted(desk.page, "zarr-menu")
        desk.page.keyboard.press("Enter")
        until_shown(desk, sample, before)
        picture_if_wanted(desk.page, "zarr-opened")
