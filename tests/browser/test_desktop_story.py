"""The desktop's story: Imaging as Desktop, napari from the menu, draw, close the tab, come back to all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import docker
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.desktop import napari
from tests.desktop.clipboard import box, copy_first_line, paste_into_file
from tests.desktop.desk import Desk, changed_share
from tests.images import session
from tests.support.browser import picture_if_wanted
from tests.support.lab_page import log_in
from tests.support.node import Node, Person, logged_in
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
PATIENCE = 120.0
DESKTOP_PAGE = re.compile(r"/user/[^/]+/desktop/($|\?)")
COPIED, PASTED = "Zellgröße 12 µm", "Öffnung 5 µm\n"


@pytest.fixture
def researcher(node: Node) -> Iterator[Person]:
    """The same person as in the browser, scripted, to look inside; their session ends with the test."""
    with logged_in(node, "researcher") as person:
        yield person


def start_imaging_as_desktop(page: Page, node: Node) -> None:
    """From the node's address to a desktop, through login and start form."""
    log_in(page, node, "researcher")
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_role("radio", name="Desktop", exact=True).check()
    page.get_by_role("radio", name="Medium", exact=True).check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(DESKTOP_PAGE, timeout=PATIENCE * 1000, wait_until="commit")


def open_again(context: BrowserContext, node: Node) -> Page:
    """A new tab with the session that runs, from the person's home page."""
    page = context.new_page()
    page.goto(f"{node.url}/hub/home")
    page.get_by_role("link", name="Open", exact=True).click()
    page.wait_for_url(DESKTOP_PAGE, timeout=PATIENCE * 1000, wait_until="commit")
    return page


def desk_on(page: Page, server: session.Server) -> Desk:
    """The desktop that the page shows, connected and painted."""
    desk = Desk(server, page)
    wait_until(lambda: desk.state() == "connected", f"the page is {desk.words()!r}, not connected", PATIENCE)
    desk.until_painted()
    return desk


def test_what_is_drawn_in_napari_is_there_when_the_tab_is_opened_again(
    node: Node, researcher: Person, context: BrowserContext, docker_engine: docker.DockerClient
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=node.url)
    page = context.new_page()
    start_imaging_as_desktop(page, node)
    server = session.Server(docker_engine.containers.get(researcher.container), page.url.partition("/desktop/")[0])
    desk = desk_on(page, server)
    picture_if_wanted(page, "desktop-story-1-landed")

    desk.start_from_menu("napari")
    napari.until_greeted(desk)
    picture_if_wanted(page, "desktop-story-2-napari")
    colour = napari.make_labels(desk)
    stroke = [napari.on_canvas(desk, across, down) for across, down in ((0.2, 0.3), (0.7, 0.3), (0.5, 0.9))]
    assert not napari.is_painted(desk.screen(), stroke, colour)
    napari.paint(desk, stroke, colour)
    picture_if_wanted(page, "desktop-story-3-drawn")
    before, process = desk.screen(), server.shell("pgrep -f '[b]in/napari'")

    page.close()
    desk = desk_on(open_again(context, node), server)
    wait_until(lambda: napari.is_painted(desk.screen(), stroke, colour), "the stroke is gone", PATIENCE)
    wait_until(lambda: changed_share(before, desk.screen()) < 0.01, "the desktop looks different", PATIENCE)
    picture_if_wanted(desk.page, "desktop-story-4-again")
    assert server.shell("pgrep -f '[b]in/napari'") == process

    desk.page.set_viewport_size({"width": 1440, "height": 900})
    wait_until(lambda: desk.screen().size == (1440, 900), "the screen does not follow the window", PATIENCE)
    wait_until(lambda: napari.is_painted(desk.screen(), stroke, colour), "the stroke is gone", PATIENCE)
    picture_if_wanted(desk.page, "desktop-story-5-resized")

    give_and_take(desk)
    assert server.shell("pgrep -f '[b]in/napari'") == process


def give_and_take(desk: Desk) -> None:
    """Text goes from the desktop to the browser's clipboard and from there into the desktop."""
    copy_first_line(desk, COPIED)
    read = "navigator.clipboard.readText()"
    wait_until(lambda: COPIED in desk.page.evaluate(read), "the text did not come out", PATIENCE)
    picture_if_wanted(desk.page, "desktop-story-6-copied")
    desk.page.evaluate("text => navigator.clipboard.writeText(text)", PASTED)
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    wait_until(lambda: box(desk) == PASTED, "the page did not take the text", PATIENCE)
    paste_into_file(desk, "/tmp/pasted.txt", lines=1)
    wait_until(lambda: desk.server.shell("cat /tmp/pasted.txt") == PASTED, "the text was not pasted", PATIENCE)
