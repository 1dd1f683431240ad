"""The programs of a session over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_lab.apps import InstalledApp, handlers
from tests.unit.lab.conftest import LabServer

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
TOLD = {
    "slug": "viewer",
    "title": "Viewer",
    "description": "Looks at maps",
    "icon": "/user/ada/lifedesk/api/apps/viewer/icon",
    "opens": ["*.mrc", "*.zarr/"],
    "version": "1.2",
    "licence": "MIT",
    "citation": None,
    "homepage": "https://example.org",
}


@pytest.fixture
def with_viewer(server: LabServer, tmp_path: Path) -> LabServer:
    """The server in an image with one program."""
    icon = tmp_path / "viewer.svg"
    icon.write_text(SVG)
    viewer = InstalledApp(
        "viewer", "Viewer", "Looks at maps", ("viewer", "{path}"), str(icon), ("*.mrc", "*.zarr/"), "1.2", "MIT",
        None, "https://example.org",
    )  # fmt: skip
    server.app.web_app.settings[handlers.SETTING] = [viewer]
    return server


async def test_an_image_without_programs_lists_none(server: LabServer) -> None:
    assert (await server.get("lifedesk/api/apps")).json() == []


async def test_a_program_is_listed_with_what_a_page_shows(with_viewer: LabServer) -> None:
    answer = await with_viewer.get("lifedesk/api/apps")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == [TOLD]


async def test_a_programs_picture_is_served_as_a_picture_only(with_viewer: LabServer) -> None:
    answer = await with_viewer.get("lifedesk/api/apps/viewer/icon")
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, SVG, "image/svg+xml")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_the_picture_of_an_unknown_program_is_not_found(with_viewer: LabServer) -> None:
    assert (await with_viewer.get("lifedesk/api/apps/vmd/icon")).status_code == 404


async def test_programs_are_told_only_to_who_may_use_the_session(with_viewer: LabServer) -> None:
    assert (await with_viewer.request("GET", "lifedesk/api/apps", token="wrong")).status_code == 403
    picture = await with_viewer.request("GET", "lifedesk/api/apps/viewer/icon", token="wrong")
    assert (picture.status_code, picture.headers["Location"].split("?")[0]) == (302, "/user/ada/login")
