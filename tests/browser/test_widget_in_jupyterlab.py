"""The catalogue browser in a real JupyterLab in the imaging environment, used with the keyboard only."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from tests.support.browser import grave_violations
from tests.support.lab_page import WIDGET, colours, run_cell, wait_for_kernel
from tests.support.session_image import Lab, jupyterlab, write_demo_site

CELLS = (
    "from lifedesk_catalogue import browse\n\nbrowser = browse()\nbrowser",
    "import ctypes\n\nctypes.PyDLL(None).sleep(10)",  # as compiled code that keeps the interpreter to itself
)
PATIENCE_MS = 60_000
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def lab(image_tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    site = write_demo_site(image_tags["imaging"], tmp_path_factory.mktemp("widget") / "site")
    notebooks = tmp_path_factory.mktemp("notebooks")
    notebooks.parent.chmod(0o755)
    notebooks.chmod(0o755)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # else JupyterLab asks for one
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS], metadata=kernel)
    (notebooks / "widget.ipynb").write_text(nbformat.writes(notebook))
    with jupyterlab(image_tags["imaging"], site, notebooks) as running:
        yield running


@pytest.fixture
def widget(lab: Lab, context: BrowserContext) -> Page:
    """A page with the browser's cell run, and its list filled."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(lab.notebook("widget.ipynb"))
    wait_for_kernel(page)
    run_cell(page)
    page.locator(f"{WIDGET} .ld-result").first.wait_for()
    return page


def press_tab_until(page: Page, goal: Locator) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if goal.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{goal} cannot be reached with Tab")


def test_a_picture_is_found_pulled_and_drawn_with_the_keyboard_alone(widget: Page) -> None:
    page = widget
    page.locator(f"{WIDGET} input[name=query]").focus()
    page.keyboard.type("epithelial")
    page.keyboard.press("Enter")
    page.locator(".ld-summary", has_text="“epithelial”").wait_for()
    result = page.locator(".ld-title", has_text="Epithelial cells in three dimensions")
    result.wait_for()
    assert grave_violations(page, WIDGET) == []

    press_tab_until(page, result)
    page.keyboard.press("Enter")
    pull = page.locator('.ld-pull button[data-action="pull"]')
    pull.wait_for()
    press_tab_until(page, page.locator(".ld-file input").first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator(".ld-file input").nth(2).evaluate("element => element === document.activeElement")
    press_tab_until(page, pull)
    page.keyboard.press("Enter")
    opened = page.locator(".ld-pull button", has_text="Open").and_(page.locator(".ld-primary"))
    opened.wait_for()
    page.wait_for_function("document.activeElement.getAttribute('data-action') === 'open'")
    assert "/home/jovyan/data/site/demo-cells-3d" in page.locator(".ld-pull").inner_text()

    page.keyboard.press("Enter")
    picture = page.locator("img.ld-picture")
    picture.wait_for()
    pixels = colours(picture).astype(int)
    blue, red, green = ((pixels[:, one] - pixels[:, other] > 60).mean() for one, other in ((2, 0), (0, 1), (1, 0)))
    assert min(blue, red, green) > 0.01, "nuclei, actin or mitochondria are not drawn in their colours"
    assert page.locator(".ld-legend li").all_inner_texts() == ["Nuclei (DNA)", "Actin", "Mitochondria"]
    assert grave_violations(page, WIDGET) == []

    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.classList.contains('ld-title')")
    assert page.locator(".ld-details").count() == 0


def test_thumbnails_come_after_the_list_and_are_drawn(widget: Page) -> None:
    thumbnail = widget.locator('[data-thumbnail="site/demo-cells-3d"] img')
    thumbnail.wait_for()
    assert colours(thumbnail).std() > 20


def test_a_busy_kernel_is_told_of_and_takes_nothing_from_who_types(widget: Page) -> None:
    page = widget
    run_cell(page, 1)
    query = page.locator(f"{WIDGET} input[name=query]")
    query.focus()
    page.keyboard.type("epithelial")
    page.keyboard.press("Enter")
    notice = page.locator(WIDGET).get_by_text(
        "The notebook's kernel has not answered. It may be busy with another cell"
    )
    notice.wait_for()
    notice.wait_for(state="detached")
    page.locator(".ld-summary", has_text="“epithelial”").wait_for()
    assert query.evaluate("element => element === document.activeElement")


def test_a_restarted_kernel_is_told_in_a_sentence_and_a_new_browser_works(widget: Page) -> None:
    page = widget
    page.get_by_role("button", name="Restart the kernel").first.click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(WIDGET, has_text="The kernel that made this browser is gone. Run its cell again").wait_for()
    run_cell(page)
    page.locator(f"{WIDGET} .ld-result").first.wait_for()
    assert page.locator(WIDGET).count() == 1
    assert "is gone" not in page.locator(WIDGET).inner_text()
