"""What tests in a browser share."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import chromium, picture_all
from tests.support.pages_hub import PagesHub, pages_hub

FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=15_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


# One browser per module: Playwright keeps an event loop in this thread while it is open.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser profile of its own; what its pages showed is kept as pictures if the test fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="Europe/Berlin")
    context.set_default_timeout(15_000)
    yield context
    if request.node.stash.get(FAILED, False):
        pictures = picture_all(context, request.node.name)
        sys.stderr.write(f"pictures of the failed pages: {', '.join(map(str, pictures))}\n")
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesHub]:
    """The hub of the page tests."""
    folder: Path = tmp_path_factory.mktemp("pages-hub")
    with pages_hub(folder) as hub:
        yield hub
