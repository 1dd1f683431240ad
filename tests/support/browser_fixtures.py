"""A browser for the tests of every tier, and pictures of what its pages showed when one failed.

tests/conftest.py makes them known to pytest.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support.browser import chromium, picture_all

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
