"""Bad days in a real session: memory that runs out and a home that is full, as JupyterLab tells of them."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.browser import grave_violations, picture_if_wanted
from tests.support.lab_page import run_cell, wait_for_kernel
from tests.support.lab_session import lab_session
from tests.support.session_image import Lab
from tests.support.waiting import wait_until

PATIENCE_MS = 60_000
GREEDY = "held = []\nwhile True:\n    held.append(bytearray(8 << 20))"
pytestmark = pytest.mark.timeout(600)


def notebook(*cells: str) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # else JupyterLab asks for one
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=kernel)
    return str(nbformat.writes(made))


def opened(context: BrowserContext, lab: Lab, path: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(lab.page(f"lab/tree/{path}?reset"))
    return page


def toast(page: Page, text: str) -> Locator:
    """A notification that is on the screen."""
    return page.locator(".Toastify__toast", has_text=text)


def explanation(page: Page, of: Locator) -> Locator:
    of.get_by_role("button", name="What to do").click()
    dialog = page.locator(".jp-Dialog", has_text="What to do")
    dialog.wait_for()
    return dialog


@pytest.fixture
def small(image_tags: dict[str, str]) -> Iterator[Lab]:
    """A session with 512 MB of memory."""
    files = {
        "work/analysis.ipynb": notebook(GREEDY),
        "other.ipynb": notebook("print(1 + 1)"),
        "greedy.py": f"import time\n\ntime.sleep(8)  # so that it has been seen\n{GREEDY}",
    }
    with lab_session(image_tags["base"], files, memory="512m") as running:
        yield running


def test_a_kernel_that_used_all_memory_is_named_and_the_session_lives(context: BrowserContext, small: Lab) -> None:
    page = opened(context, small, "work/analysis.ipynb")
    wait_for_kernel(page)
    run_cell(page)
    told = toast(
        page, "The kernel of work/analysis.ipynb was ended because the session used all of its 512 MB of memory."
    )
    told.wait_for()
    page.locator(".jp-Dialog .jp-mod-accept").click()  # JupyterLab's own: the kernel appears to have died
    picture_if_wanted(page, "out-of-memory")
    dialog = explanation(page, told)
    expect(dialog).to_contain_text("Your files are safe.")
    expect(dialog).to_contain_text("start it with a larger size")
    picture_if_wanted(page, "out-of-memory-advice")
    assert grave_violations(page, ".jp-Dialog") == []
    dialog.get_by_role("button", name="Close").click()

    other = opened(context, small, "other.ipynb")
    wait_for_kernel(other)
    run_cell(other)
    expect(other.locator(".jp-OutputArea-output", has_text="2")).to_be_visible()
    # Read and closed: it does not come back with the next page.
    expect(toast(other, "was ended because")).to_have_count(0)


def test_a_program_that_is_no_kernel_is_named_too(context: BrowserContext, small: Lab) -> None:
    page = opened(context, small, "other.ipynb")
    page.locator(".jp-Notebook").first.wait_for()
    small.run("nohup python ~/greedy.py >/dev/null 2>&1 &")
    told = toast(page, "The program greedy.py was ended because the session used all of its 512 MB of memory.")
    told.wait_for()
    wait_for_kernel(page)
    run_cell(page)
    expect(page.locator(".jp-OutputArea-output", has_text="2")).to_be_visible()


def test_a_full_home_is_told_and_jupyterlab_stays_usable(context: BrowserContext, image_tags: dict[str, str]) -> None:
    files = {"other.ipynb": notebook("print(1 + 1)"), ".local/share/Trash/files/old.tif": "x" * (6 << 20)}
    with lab_session(image_tags["base"], files, home_size="24m") as lab:
        lab.run("head -c 64M /dev/zero > ~/large.bin || true")
        page = opened(context, lab, "other.ipynb")
        told = toast(page, "Your home is full: 0 bytes of 24 MB are left.")
        told.wait_for()
        wait_for_kernel(page)
        run_cell(page)
        expect(page.locator(".jp-OutputArea-output", has_text="2")).to_be_visible()
        picture_if_wanted(page, "full-home")
        dialog = explanation(page, told)
        expect(dialog).to_contain_text("large.bin")
        expect(dialog).to_contain_text("6 MB .local/share/Trash (deleted files, until you empty the trash")
        picture_if_wanted(page, "full-home-advice")
        dialog.get_by_role("button", name="Close").click()
        lab.run("rm ~/large.bin")
        page.keyboard.press("Control+s")
        wait_until(lambda: '"execution_count": 1' in lab.run("cat ~/other.ipynb"), "the notebook was not saved")


def test_a_notice_that_no_longer_holds_is_taken_back(context: BrowserContext, image_tags: dict[str, str]) -> None:
    with lab_session(image_tags["base"], {"other.ipynb": notebook("1")}, home_size="24m") as lab:
        lab.run("head -c 64M /dev/zero > ~/large.bin || true")
        page = opened(context, lab, "other.ipynb")
        toast(page, "Your home is full").wait_for()
        lab.run("rm ~/large.bin")
        expect(toast(page, "Your home is full")).to_have_count(0, timeout=PATIENCE_MS)
        again = opened(context, lab, "other.ipynb")
        again.locator(".jp-Notebook").first.wait_for()
        expect(toast(again, "Your home is full")).to_have_count(0)
