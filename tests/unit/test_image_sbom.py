"""The list of an image's software: Debian packages with their licences, valid and always the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from images.base.build.sbom import Places, complete, licence_names, read_packages, written

LISTING = """viewer\t1:2.0+dfsg-1\tamd64\tviewer\tlibone (>= 1), mail-reader | helper:any\tbase\tpictures\thttps://v.example\tShows
libone\t1.4\tamd64\tviewer\t\t\t\t\tA library
helper\t3\tall\thelper\tnot-installed\t\tx-helper\t\tHelps
base\t13\tall\tbase\t\t\t\t\tBase
"""
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2001 Ada
License: GPL-2+ or Expat

Files: b
Copyright: 2001 Ada
License: BSD-3-clause

Files: c
Copyright: 2001 Ada
License: Ada-terms
 Be kind.
"""


LAB = {"name": "@lumino/widgets", "versionInfo": "2.7.5", "licenseId": "BSD-3-Clause", "extractedText": "Do"}
DESKTOP = {"name": "novnc", "versionInfo": "1.7.0", "licenseId": "(MPL-2.0 OR MIT)", "extractedText": "Do"}
NAMELESS = {"name": "old", "versionInfo": "1", "licenseId": "", "extractedText": ""}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The packages' documents, the lists of what an image of the line asked for, and what the browser gets."""
    documents, images, bundles = tmp_path / "doc", tmp_path / "images", tmp_path / "share"
    for folder, packages in (("jupyter/lab/static", [LAB, NAMELESS]), ("jupyter/x", [LAB]), ("lifedesk/y", [DESKTOP])):
        (bundles / folder).mkdir(parents=True)
        told = json.dumps({"packages": packages})
        (bundles / folder / "third-party-licenses.json").write_text(told, encoding="utf-8")
    (documents / "viewer").mkdir(parents=True)
    (documents / "viewer/copyright").write_text(COPYRIGHT, encoding="utf-8")
    (images / "top").mkdir(parents=True)
    (images / "top/debian.txt").write_text("viewer   # why\n", encoding="utf-8")
    (images / "top/top.in").write_text("-r other.in\nJupyter.Lab>=4\n", encoding="utf-8")
    return Places(documents, images, bundles)


def listed(places: Places) -> str:
    bom = Bom()
    for name, purl in (("jupyter_lab", PackageURL("pypi", None, "jupyter-lab", "4.6")), ("ours", None)):
        bom.components.add(Component(name=name, version="4.6", purl=purl, bom_ref=name))
    complete(bom, "top", read_packages(LISTING), "debian-13.1", places)
    return written(bom)


def test_a_copyright_file_gives_spdx_identifiers_where_there_are_some() -> None:
    assert licence_names(COPYRIGHT) == ["Ada-terms", "BSD-3-Clause", "GPL-2.0-or-later", "MIT"]


def test_a_copyright_file_in_free_text_gives_the_licences_it_refers_to() -> None:
    text = "Its terms are in /usr/share/common-licenses/LGPL-2.1, or\n/usr/share/common-licenses/GPL-3.\n"
    assert licence_names(text) == ["GPL-3.0-only", "LGPL-2.1-only"]
    assert licence_names("Do what you like.\n") == []


def test_a_debian_package_is_listed_with_address_licence_and_what_it_depends_on(places: Places) -> None:
    document = json.loads(listed(places))
    viewer = next(found for found in document["components"] if found["name"] == "viewer")
    assert viewer["version"] == "1:2.0+dfsg-1"
    assert PackageURL.from_string(viewer["purl"]) == PackageURL(
        "deb", "debian", "viewer", "1:2.0+dfsg-1", {"arch": "amd64", "distro": "debian-13.1"}
    )
    assert {"license": {"id": "MIT"}} in viewer["licenses"]
    assert {"license": {"name": "Ada-terms"}} in viewer["licenses"]
    assert viewer["externalReferences"] == [{"type": "website", "url": "https://v.example"}]
    needed = next(found["dependsOn"] for found in document["dependencies"] if found["ref"] == viewer["bom-ref"])
    assert sorted(PackageURL.from_string(reference).name for reference in needed) == ["base", "helper", "libone"]


def test_a_package_has_the_licences_of_what_it_was_made_from(places: Places) -> None:
    licences = {found["name"]: found.get("licenses") for found in json.loads(listed(places))["components"]}
    assert licences["libone"] == licences["viewer"]
    assert licences["base"] is None


def test_the_image_depends_on_what_was_asked_for_by_name(places: Places) -> None:
    document = json.loads(listed(places))
    assert document["metadata"]["component"]["name"] == "lifedesk/top"
    wanted = next(found["dependsOn"] for found in document["dependencies"] if found["ref"] == "image")
    assert [reference.partition("@")[0] for reference in sorted(wanted)] == [
        "jupyter_lab",
        "pkg:deb/debian/viewer",
        "pkg:npm/novnc",
    ]


def test_what_runs_in_the_browser_is_listed_once_with_its_licence(places: Places) -> None:
    document = json.loads(listed(places))
    found = {one["purl"]: one.get("licenses") for one in document["components"] if one["purl"].startswith("pkg:npm/")}
    assert found == {
        "pkg:npm/%40lumino/widgets@2.7.5": [{"license": {"id": "BSD-3-Clause"}}],
        "pkg:npm/novnc@1.7.0": [{"expression": "(MPL-2.0 OR MIT)"}],
        "pkg:npm/old@1": None,
    }


def test_a_package_that_is_ours_names_no_folder_of_the_build(places: Places) -> None:
    ours = next(found for found in json.loads(listed(places))["components"] if found["name"] == "ours")
    assert ours["purl"] == "pkg:generic/ours@4.6"
    assert "externalReferences" not in ours


def test_the_list_keeps_to_the_schema_and_is_the_same_each_time(places: Places) -> None:
    first = listed(places)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first) is None
    assert listed(places) == first
