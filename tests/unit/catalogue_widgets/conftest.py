"""A real site archive, written once and only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_catalogue.demo_site import write_demo_site


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo data sets."""
    folder = tmp_path_factory.mktemp("site")
    write_demo_site(folder)
    return folder
