"""Which archives are set up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lifedesk_catalogue
from lifedesk_catalogue.errors import SettingsError, UnknownArchive
from lifedesk_catalogue.settings import BioImageArchiveSettings, SiteSettings, load_settings, parse_settings


def test_without_a_setting_the_bioimage_archive_is_asked_at_its_public_address() -> None:
    settings = load_settings({})
    archive = settings["bioimage-archive"]
    assert isinstance(archive, BioImageArchiveSettings)
    assert archive.base_url == "https://www.ebi.ac.uk/biostudies/api/v1"
    assert ("site" in settings) == Path("/data/site").is_dir()


def test_settings_keep_their_order_and_lose_a_final_slash() -> None:
    settings = parse_settings('{"site": {"path": "/d"}, "bioimage-archive": {"base_url": "http://h/api/v1/"}}')
    assert list(settings) == ["site", "bioimage-archive"]
    site, archive = settings.values()
    assert isinstance(site, SiteSettings)
    assert isinstance(archive, BioImageArchiveSettings)
    assert (site.path, archive.base_url) == (Path("/d"), "http://h/api/v1")


def test_all_faults_come_in_one_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(
            '{"sight": {}, "site": {"path": "data"}, "bioimage-archive": {"base_url": "ftp://h", "key": "s3cret"}}'
        )
    assert str(caught.value) == (
        "LIFEDESK_ARCHIVES cannot be used: no archive is called 'sight'; known are 'site', 'bioimage-archive'; "
        "site.path: must be an absolute path; bioimage-archive.base_url: must start with https:// or http://; "
        "bioimage-archive.key: Extra inputs are not permitted."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "LIFEDESK_ARCHIVES is not valid JSON"),
        ("[]", "LIFEDESK_ARCHIVES must be a JSON object"),
    ],
)
def test_what_is_no_object_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        parse_settings(text)


def test_unknown_archive_is_refused_with_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEDESK_ARCHIVES", '{"site": {"path": "/nowhere"}}')
    with pytest.raises(UnknownArchive, match=r"No archive 'idr' is set up here; there is 'site'\."):
        lifedesk_catalogue.search("x", ["idr"])
    assert lifedesk_catalogue.archive_names() == ("site",)


def test_importing_the_package_is_cheap() -> None:
    program = (
        "import sys, time; began = time.process_time(); import lifedesk_catalogue; "
        "print(time.process_time() - began); "
        "print([name for name in sys.argv[1:] if name in sys.modules])"
    )
    source = Path(lifedesk_catalogue.__file__).parents[1]
    seconds, heavy = subprocess.run(
        [sys.executable, "-c", program, "aiohttp", "dask", "gemmi", "numpy", "pydantic", "rocrate", "zarr"],
        env={"PYTHONPATH": str(source)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert heavy == "[]"
    assert float(seconds) < 0.3
