"""The desktop's story: napari from the menu, a new layer, the tab closed, back to the same napari with its layer."""

from __future__ import annotations

import docker
import pytest
from playwright.sync_api import BrowserContext

from tests.desktop.desk import Area, Desk, Picture, changed_share, count_colours, open_desk, running_session
from tests.images import session
from tests.images.session import images_on
from tests.support.browser import picture_if_wanted
from tests.support.waiting import wait_until

PATIENCE = 120.0
WITH_NAPARI = [
    image
    for image in images_on("desktop")
    if "slug: napari\n" in (session.ROOT / "images" / image / "apps.yaml").read_text(encoding="utf-8")
]
PANEL_HEIGHT, ENTRY_HEIGHT = 34, 34
NEW_LABELS = (131, 477)
"""napari's button for a new layer, in the first window of a screen of 1280 by 800 pixels."""
CONTROLS, CANVAS = (50, 120, 290, 410), (400, 380, 1000, 640)
"""Parts of that screen: what belongs to the layer, and the canvas that greets."""


def start_from_menu(desk: Desk, slug: str) -> None:
    """Click on the panel's button, then on the program's entry."""
    slugs = [app["slug"] for app in desk.server.get("/lifedesk/api/apps").json()]
    height = desk.screen().height
    empty = desk.screen()
    desk.page.mouse.click(50, height - PANEL_HEIGHT // 2)
    wait_until(lambda: changed_share(empty, desk.screen()) > 0.005, "the menu does not open")
    top = height - PANEL_HEIGHT - ENTRY_HEIGHT * len(slugs)
    desk.page.mouse.click(60, top + ENTRY_HEIGHT * slugs.index(slug) + ENTRY_HEIGHT // 2)


def until_changed(desk: Desk, before: Picture, area: Area, sentence: str) -> None:
    wait_until(lambda: changed_share(before.crop(area), desk.screen().crop(area)) > 0.02, sentence, PATIENCE)


def until_still(desk: Desk) -> Picture:
    """The screen, once nothing moves on it."""
    last = [desk.screen()]

    def is_still() -> bool:
        desk.page.wait_for_timeout(700)
        last.append(desk.screen())
        return changed_share(last[-2], last[-1]) < 0.0005

    wait_until(is_still, "the screen does not come to rest", PATIENCE)
    return last[-1]


def make_labels(desk: Desk) -> None:
    """Make a layer of labels: napari then shows what belongs to it."""
    wait_until(lambda: count_colours(desk.screen(), CANVAS) > 4, "napari does not greet", PATIENCE)
    before = until_still(desk)
    desk.page.mouse.click(*NEW_LABELS)
    until_changed(desk, before, CONTROLS, "napari makes no labels")


@pytest.mark.parametrize("image", WITH_NAPARI)
def test_napari_from_the_menu_is_there_again_with_its_layer(
    image: str,
    docker_engine: docker.DockerClient,
    hub: session.Hub,
    image_tags: dict[str, str],
    home: str,
    context: BrowserContext,
) -> None:
    with running_session(docker_engine, image_tags[image], hub, home, mem_limit="4g") as server:
        desk = open_desk(server, context)
        desk.until_painted()
        start_from_menu(desk, "napari")
        wait_until(lambda: "napari" in desk.windows(), f"no napari: {desk.windows()}", PATIENCE)
        make_labels(desk)
        picture_if_wanted(desk.page, "story-layer")
        made, napari = until_still(desk), server.shell("pgrep -f '[b]in/napari'")
        desk.page.close()
        again = open_desk(server, context)
        again.until_painted()
        picture = until_still(again)
        picture_if_wanted(again.page, "story-again")
        assert changed_share(made.crop(CONTROLS), picture.crop(CONTROLS)) < 0.01
        assert server.shell("pgrep -f '[b]in/napari'") == napari
        again.page.set_viewport_size({"width": 1400, "height": 900})
        wait_until(lambda: again.screen().size == (1400, 900), "the screen does not follow the window")
        assert "napari" in again.windows()
