"""What a person sees of a start, in Chromium: from the click to JupyterLab, a kernel's answer, the desktop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from benchmarks.hubs import Hub
from lifedesk_hub.errors import LifedeskError
from tests.support.browser import find_chromium, launched

PATIENCE_MS = 120_000
NOTEBOOK = ".jp-LauncherCard[data-category='Notebook']"
"""The launcher shows a card for each kernel once it has the list of them."""
PAINTED = """() => [...document.querySelectorAll("canvas")].some((canvas) => {
    if (canvas.width < 200 || canvas.height < 150) return false;
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels && new Set(new Uint32Array(pixels.buffer)).size > 8;
})"""
"""Whether a screen is drawn on the page: a canvas with more than a few colours."""


def chromium() -> AbstractContextManager[Browser]:
    """The machine's Chromium without a window. Raises `LifedeskError` if there is none."""
    executable = find_chromium()
    if executable is None:
        raise LifedeskError("There is no chromium on this machine: install it, or name one in LIFEDESK_CHROMIUM.")
    return launched(executable)


@contextmanager
def person(browser: Browser, hub: Hub, name: str, megabits: float | None = None) -> Iterator[Page]:
    """A page of a browser of its own, logged in to the hub; on a line of that many Mbit/s and 40 ms there and back."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        context.request.get(f"{hub.public_url}/hub/login")
        xsrf = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "_xsrf")
        form: dict[str, str | float | bool] = {"username": name, "password": hub.token, "_xsrf": xsrf}
        context.request.post(f"{hub.public_url}/hub/login", form=form)
        if megabits is not None:
            rate = megabits * 1e6 / 8
            line = {"offline": False, "latency": 40, "downloadThroughput": rate, "uploadThroughput": rate}
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
        yield page
    finally:
        context.close()


def go_to_start(page: Page, hub: Hub, interface: str = "Lab") -> None:
    """Open the page with the button that starts a server."""
    if hub.title == "stock":
        page.goto(f"{hub.public_url}/hub/home")
        return
    page.goto(f"{hub.public_url}/hub/spawn")
    choice = page.get_by_role("radio", name=interface)
    if choice.count():
        choice.first.check()


def click_start(page: Page, hub: Hub) -> float:
    """Click the button; the time of it."""
    button = page.locator("#start") if hub.title == "stock" else page.get_by_role("button", name="Start", exact=True)
    button.wait_for()
    began = time.perf_counter()
    button.click(no_wait_after=True)
    return began


@dataclass(frozen=True)
class Load:
    """What it took until JupyterLab could be used: seconds after the click on Start, requests, bytes on the line."""

    seconds: float
    requests: int
    bytes: int


def see_launcher(page: Page, hub: Hub) -> Load:
    """Start a server, wait until the launcher offers kernels; the bytes include the page with the button."""
    received: list[int] = []
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    go_to_start(page, hub)
    began = click_start(page, hub)
    page.locator(NOTEBOOK).first.wait_for()
    seconds, from_line = time.perf_counter() - began, [size for size in received if size]
    return Load(seconds, len(from_line), sum(from_line))


def see_kernel_answer(page: Page) -> float:
    """Seconds from the click on a kernel in the launcher until a new notebook answers 1+1."""
    began = time.perf_counter()
    page.locator(NOTEBOOK).first.click()
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    page.keyboard.type("1+1")
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-Notebook .jp-OutputArea-output", has_text="2").first.wait_for()
    return time.perf_counter() - began


def see_desktop(page: Page, hub: Hub) -> float:
    """Seconds from the click on Start, with the desktop chosen, to its first picture."""
    go_to_start(page, hub, "Desktop")
    began = click_start(page, hub)
    page.wait_for_url("**/desktop/**")
    page.wait_for_function(PAINTED)
    return time.perf_counter() - began
