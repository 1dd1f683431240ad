"""The bill of materials, read as CycloneDX, and the page made of it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from lifedesk_lab.apps.installed import InstalledApp
from lifedesk_lab.software import bill, page
from tests.support.software_bill import BILL
from tests.unit.lab.conftest import LabServer

NAPARI = InstalledApp(
    slug="napari",
    title="napari",
    description="Look at images in many dimensions",
    command=("napari", "{path}"),
    icon="/opt/lifedesk/apps/icons/napari.svg",
    opens=("*.zarr/",),
    version="0.9.2",
    licence="BSD-3-Clause",
    citation="10.5281/zenodo.3555620",
    homepage="https://napari.example/",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "sbom.cdx.json"
    written.write_text(json.dumps(BILL), encoding="utf-8")
    return written


@pytest.fixture
def found(file: Path) -> bill.Bill:
    return bill.read_bill(file)


def rendered(found: bill.Bill, query: str = "", with_all: bool = False) -> str:
    return page.page(found, [NAPARI], "lifedesk/imaging:abc", query, with_all, "/user/ada/")


def test_packages_are_read_with_kind_licence_and_whether_they_were_chosen(found: bill.Bill) -> None:
    assert (found.image, found.version) == ("lifedesk/imaging", "0.1.0")
    assert [(package.name, package.kind, package.is_chosen) for package in found.packages] == [
        ("donfig", "python", False),
        ("git", "debian", True),
        ("zarr", "python", True),
    ]
    assert [package.licences for package in found.packages] == [("MIT OR Apache-2.0",), ("GPL-2",), ("MIT",)]
    assert [package.homepage for package in found.packages] == [None, None, "https://zarr.example/"]


def test_a_licence_known_by_its_classifier_only_is_named_without_the_classification(tmp_path: Path) -> None:
    classified = {"name": "a", "licenses": [{"license": {"name": "License :: OSI Approved :: BSD License"}}]}
    written = tmp_path / "sbom.cdx.json"
    written.write_text(json.dumps({"components": [classified]}), encoding="utf-8")
    [package] = bill.read_bill(written).packages
    assert (package.licences, package.kind, package.is_chosen) == (("BSD License",), "other", True)


@pytest.mark.parametrize(
    ("query", "names"),
    [("mit", ["donfig", "zarr"]), ("MIT arrays", ["zarr"]), ("revision", ["git"]), ("nothing such", [])],
)
def test_every_word_must_be_in_name_licence_or_description(found: bill.Bill, query: str, names: list[str]) -> None:
    assert [package.name for package in bill.matching(found.packages, query.split())] == names


def test_the_page_shows_what_was_chosen_and_all_of_it_on_request(found: bill.Bill) -> None:
    chosen = rendered(found)
    assert "donfig" not in chosen
    assert "1 chosen, 2 with all they need." in chosen
    assert "Chunked arrays &lt;fast&gt;" in chosen
    assert "lifedesk/imaging:abc" in chosen
    assert "donfig" in rendered(found, with_all=True)


def test_the_page_says_how_to_cite_a_program_and_opens_it(found: bill.Bill) -> None:
    shown = rendered(found)
    assert 'href="https://doi.org/10.5281/zenodo.3555620"' in shown
    assert 'href="/user/ada/desktop/?app=napari"' in shown


def test_a_search_finds_packages_that_were_not_chosen_and_says_how_many(found: bill.Bill) -> None:
    shown = rendered(found, query="apache")
    assert "donfig" in shown
    assert "1 found for “apache”" in " ".join(shown.split())
    assert "napari" not in shown
    assert "&lt;script&gt;" in rendered(found, query="<script>")


async def test_the_page_and_its_file_are_for_the_sessions_user_only(server: LabServer, file: Path) -> None:
    server.app.web_app.settings[page.FILE] = file
    shown = await server.get("lifedesk/software/")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    download = await server.get("lifedesk/software/sbom.cdx.json")
    assert download.json() == BILL
    assert "attachment" in download.headers["Content-Disposition"]
    assert (await server.get("lifedesk/software")).status_code == 301
    assert (await server.get("lifedesk/software/software.css")).headers["Content-Type"].startswith("text/css")
    async with httpx.AsyncClient() as client:
        for part in ("", "software.css", "sbom.cdx.json"):
            assert (await client.get(f"{server.url}lifedesk/software/{part}")).status_code in (302, 403)


async def test_an_image_without_a_list_says_so(server: LabServer) -> None:
    answer = await server.get("lifedesk/software/")
    assert "This image has no list of its software." in answer.text
    assert "sbom.cdx.json" not in answer.text
    assert (await server.get("lifedesk/software/sbom.cdx.json")).status_code == 404
