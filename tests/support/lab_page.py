"""JupyterLab in a browser: log in, open a notebook, run its cells, read pixels off the screen."""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.support.node import Node

WIDGET = ".lifedesk-browser"


def log_in(page: Page, node: Node, name: str) -> None:
    """From the node's address through the demo provider's page."""
    page.goto(node.url)
    page.get_by_role("link", name=re.compile("Log in")).or_(
        page.get_by_role("button", name=re.compile("Log in"))
    ).click()
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password").fill(node.password(name))
    page.get_by_role("button", name="Log in", exact=True).click()


def wait_for_kernel(page: Page) -> None:
    """Wait until the notebook on the page has an idle kernel.

    The status bar tells; the notebook's own indicator already says idle before a kernel is connected.
    """
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()


def run_cell(page: Page, number: int = 0) -> None:
    """Run the code cell and wait until the kernel has taken it."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    cell.locator(".cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    cell.locator('.jp-InputPrompt:text-matches("\\\\[(\\\\*|\\\\d+)\\\\]")').first.wait_for()


def colours(picture: Locator) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The pixels of the element that are on the screen, one row each, as red, green and blue."""
    picture.scroll_into_view_if_needed()
    return np.asarray(Image.open(io.BytesIO(picture.screenshot())).convert("RGB")).reshape(-1, 3)
