"""What JupyterLab shows of an image's programs: launcher, "Open with…", palette, the list of software."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from lifedesk_lab.apps.installed import APPS_DIR
from lifedesk_lab.software.bill import FILE as BILL_FILE
from tests.support.browser import grave_violations, picture_if_wanted, scrolls_sideways
from tests.support.lab_session import app, lab_session, write_apps
from tests.support.session_image import Lab
from tests.support.software_bill import BILL

PATIENCE_MS = 60_000
FILES = {"data/cells.ome.zarr/zarr.json": "{}", "data/Map.MRC": "map", "data/notes.txt": "notes"}
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def lab(image_tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    apps = [app("napari", "napari", "*.zarr/", "*.tif"), app("map-viewer", "Map viewer", "*.mrc", "*.ome.zarr/")]
    folder = write_apps(tmp_path_factory.mktemp("apps") / "apps", apps)
    bill = tmp_path_factory.mktemp("bill") / "bill.json"
    bill.write_text(json.dumps(BILL), encoding="utf-8")
    with lab_session(image_tags["base"], FILES, {APPS_DIR: folder, BILL_FILE: bill}) as running:
        yield running


def opened(context: BrowserContext, lab: Lab, path: str = "lab?reset") -> Page:
    """A page of JupyterLab that has drawn itself."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(lab.page(path))
    page.locator(".jp-Launcher-section").first.wait_for()
    return page


def cards(page: Page, section: str) -> list[str]:
    found = page.locator(".jp-Launcher-section", has=page.get_by_role("heading", name=section, exact=True))
    found.first.wait_for()
    return found.locator(".jp-LauncherCard-label").all_inner_texts()


def item(page: Page, name: str) -> Locator:
    """A row of the file browser."""
    return page.locator(".jp-DirListing-item", has=page.locator(".jp-DirListing-itemText", has_text=name))


def menu(page: Page) -> list[str]:
    """The entries of the open context menu that speak of our programs."""
    page.locator(".lm-Menu").first.wait_for()
    labels: list[str] = page.locator(".lm-Menu-item:visible .lm-Menu-itemLabel").all_inner_texts()
    return [label for label in labels if label.startswith("Open with ")]


def test_the_launcher_shows_the_desktop_its_programs_and_what_is_in_here(context: BrowserContext, lab: Lab) -> None:
    page = opened(context, lab)
    assert cards(page, "Desktop") == ["Desktop", "napari", "Map viewer"]
    assert "What is in here" in cards(page, "Other")
    drawn = page.locator('.jp-LauncherCard[data-category="Desktop"] svg image').first
    assert drawn.evaluate("image => fetch(image.getAttribute('href')).then(answer => answer.status)") == 200
    picture_if_wanted(page, "launcher")
    with context.expect_page() as desktop:
        page.locator(".jp-LauncherCard", has_text="Map viewer").press("Enter")
    desktop.value.wait_for_url(f"{lab.address}/desktop/?app=map-viewer")
    page.locator('.jp-LauncherCard[title="Open the desktop of this session in a browser tab"]').click()
    desktop.value.wait_for_url(f"{lab.address}/desktop/")
    assert len(context.pages) == 2, "the desktop has one tab, whatever is opened in it"


def test_a_folder_and_a_file_are_opened_with_the_programs_that_open_their_kind(
    context: BrowserContext, lab: Lab
) -> None:
    page = opened(context, lab, "lab/tree/data?reset")
    item(page, "notes.txt").click(button="right")
    assert menu(page) == []
    page.keyboard.press("Escape")
    item(page, "Map.MRC").click(button="right")
    assert menu(page) == ["Open with Map viewer"]
    page.keyboard.press("Escape")
    item(page, "cells.ome.zarr").click(button="right")
    assert menu(page) == ["Open with napari", "Open with Map viewer"]
    picture_if_wanted(page, "open-with")
    with context.expect_page() as desktop:
        page.get_by_role("menuitem", name="Open with napari").click()
    desktop.value.wait_for_url(f"{lab.address}/desktop/?app=napari&path=data%2Fcells.ome.zarr")


def test_a_selected_file_is_opened_from_the_palette_with_the_keyboard(context: BrowserContext, lab: Lab) -> None:
    page = opened(context, lab, "lab/tree/data?reset")
    item(page, "Map.MRC").click()
    page.keyboard.press("Control+Shift+C")
    page.locator(".lm-CommandPalette-input:visible").fill("Open with")
    shown = page.locator(".lm-CommandPalette-item:visible", has_text="Open with Map viewer")
    shown.wait_for()
    assert page.locator(".lm-CommandPalette-item:visible", has_text="Open with napari").count() == 0
    with context.expect_page() as desktop:
        for _ in range(20):
            page.keyboard.press("ArrowDown")
            if "lm-mod-active" in (shown.get_attribute("class") or ""):
                break
        page.keyboard.press("Enter")
    desktop.value.wait_for_url(f"{lab.address}/desktop/?app=map-viewer&path=data%2FMap.MRC")


def test_an_image_without_a_desktop_shows_none(context: BrowserContext, image_tags: dict[str, str]) -> None:
    with lab_session(image_tags["base"], FILES) as bare:
        page = opened(context, bare, "lab/tree/data?reset")
        assert "What is in here" in cards(page, "Other")
        headings = page.locator(".jp-Launcher-sectionTitle").all_inner_texts()
        assert "Desktop" not in headings
        item(page, "cells.ome.zarr").click(button="right")
        assert menu(page) == []


def test_nothing_is_asked_of_the_outside(context: BrowserContext, lab: Lab) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    opened(context, lab).wait_for_load_state("networkidle")
    assert [address for address in asked if not address.startswith((lab.address, "data:", "blob:"))] == []


def test_jupyterlab_asks_for_nothing_that_is_not_there(context: BrowserContext, lab: Lab) -> None:
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    page = opened(context, lab)
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click()
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_in_here_opens_from_the_launcher_and_finds_a_package(
    context: BrowserContext, lab: Lab, scheme: Literal["light", "dark"]
) -> None:
    page = opened(context, lab)
    with context.expect_page() as opening:
        page.locator(".jp-LauncherCard", has_text="What is in here").click()
    software = opening.value
    software.emulate_media(color_scheme=scheme)
    expect(software.get_by_role("heading", name="What is in here")).to_be_visible()
    software.get_by_label("Find in names, licences and descriptions").fill("zarr")
    software.keyboard.press("Enter")
    expect(software.get_by_role("status")).to_contain_text("found for “zarr”")
    expect(software.get_by_role("rowheader")).to_have_text(["zarr"])
    assert grave_violations(software) == []
    picture_if_wanted(software, f"software-{scheme}")
    software.set_viewport_size({"width": 360, "height": 700})
    assert not scrolls_sideways(software)
    with software.expect_download() as download:
        software.get_by_role("link", name="Download the whole list").click()
    assert Path(download.value.suggested_filename).name == "sbom.cdx.json"
