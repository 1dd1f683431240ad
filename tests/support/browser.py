"""Chromium for tests of pages: how it is started, what accessibility it finds wanting, pictures of what went wrong."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
GRAVE = ("serious", "critical")


def find_chromium() -> str | None:
    """The machine's Chromium, or the one that `LIFEDESK_CHROMIUM` names."""
    return os.environ.get("LIFEDESK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """That Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def chromium() -> AbstractContextManager[Browser]:
    """The machine's Chromium without a window; skips the test, saying so, where there is none."""
    executable = find_chromium()
    if executable is None:
        pytest.skip("no chromium on this machine: install it, or name one in LIFEDESK_CHROMIUM")
    return launched(executable)


def picture(page: Page, name: str) -> Path:
    """A picture of the whole page, in `LIFEDESK_PICTURES` or a folder for temporary files."""
    folder = Path(os.environ.get("LIFEDESK_PICTURES", Path(tempfile.gettempdir()) / "lifedesk-pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.png"
    page.screenshot(path=path, full_page=True)
    return path


def picture_if_wanted(page: Page, name: str) -> None:
    """A picture to look at, for whoever names a folder in `LIFEDESK_PICTURES`."""
    if "LIFEDESK_PICTURES" in os.environ:
        picture(page, name)


def picture_all(context: BrowserContext, name: str) -> list[Path]:
    """Pictures of every page that is still open."""
    return [picture(page, f"{name}-{number}") for number, page in enumerate(context.pages) if not page.is_closed()]


def grave_violations(page: Page, within: str | None = None) -> list[str]:
    """What axe-core calls serious or critical on the page (or `within` a selector): rule, why, the elements."""
    violations = Axe().run(page, context=within).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {[node['html'][:160] for node in violation['nodes']]}"
        for violation in violations
        if violation["impact"] in GRAVE
    ]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
