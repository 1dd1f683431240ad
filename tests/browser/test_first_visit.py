"""What a browser that knows nothing of JupyterLab yet gets from where."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response

from lifedesk_hub.node.front import SERVED_BY
from tests.support.lab_page import log_in
from tests.support.node import Node, logged_in

HASHED = re.compile(r"/user/[^/]+/(static/lab|lab/extensions/.+/static)/[\w.-]*[0-9a-f]{8,}\.(js|woff2?|svg)(\?|$)")

CORE_BYTES = """() => {
    const fetched = performance.getEntriesByType("resource").find((one) => one.name.includes("/jlab_core."));
    return fetched.transferSize;
}"""
"""What JupyterLab's core took of the line while its page loaded."""


@pytest.fixture
def researcher_leaves(node: Node) -> Iterator[None]:
    yield
    with logged_in(node, "researcher2"):
        """Their session ends with the block."""


@pytest.mark.usefixtures("researcher_leaves")
def test_jupyterlabs_own_files_come_from_the_node_compressed_and_once(node: Node, page: Page) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    log_in(page, node, "researcher2")
    page.get_by_role("radio", name="Notebook").check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".jp-LauncherCard[data-category='Notebook']").first.wait_for(timeout=90_000)
    hashed = [answer for answer in answers if HASHED.search(answer.url)]
    assert len(hashed) > 40
    elsewhere = [answer.url for answer in hashed if answer.headers.get("x-served-by") != SERVED_BY]
    assert elsewhere == []
    core = next(answer for answer in hashed if "/jlab_core." in answer.url)
    assert core.headers["content-encoding"] == "gzip"
    settings = next(answer for answer in answers if "/lab/api/settings?" in answer.url)
    assert settings.headers["content-encoding"] == "gzip"
    assert page.evaluate(CORE_BYTES) == 0, "the core was fetched again, though the page before had it"
