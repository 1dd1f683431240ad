"""What tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.pages_hub import PagesHub, pages_hub


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesHub]:
    """The hub of the page tests."""
    folder: Path = tmp_path_factory.mktemp("pages-hub")
    with pages_hub(folder) as hub:
        yield hub
