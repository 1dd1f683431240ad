"""Installing programs: what is written for sessions and for desktops, and what is found missing."""

from __future__ import annotations

import configparser
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from lifedesk_lab.apps import InvalidAppsFile, installed_apps
from lifedesk_lab.apps.cli import main
from lifedesk_lab.apps.install import Places, install
from lifedesk_lab.apps.versions import upstream_version

PYTHON = Path(sys.executable).name
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def program(slug: str, opens: str = '["*.mrc", "*.zarr/"]', icon: str = "own.svg", package: str = "pydantic") -> str:
    return f"""
- slug: {slug}
  title: The {slug}
  description: Looks at maps
  command: [{PYTHON}, "{{path}}"]
  icon: {icon}
  opens: {opens}
  package: {{python: {package}}}
  licence: MIT
  homepage: https://example.org/{slug}
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "apps", tmp_path / "share")
    places.apps.mkdir()
    (places.share / "mime").mkdir(parents=True)
    (places.share / "mime" / "globs2").write_text("50:application/marc:*.mrc\n50:image/tiff:*.tif\n")
    return places


def folder(tmp_path: Path, text: str) -> Path:
    made = tmp_path / "source"
    made.mkdir(exist_ok=True)
    (made / "apps.yaml").write_text(text)
    (made / "own.svg").write_text(SVG)
    return made


def test_what_was_installed_is_read_with_version_and_icon(tmp_path: Path, places: Places) -> None:
    import pydantic

    install("imaging", folder(tmp_path, program("viewer")), places)
    (app,) = installed_apps(places.apps)
    assert (app.slug, app.version, app.opens) == ("viewer", pydantic.VERSION, ("*.mrc", "*.zarr/"))
    assert Path(app.icon).read_text() == SVG


def test_the_programs_of_an_image_come_before_those_it_is_built_on(tmp_path: Path, places: Places) -> None:
    install("desktop", folder(tmp_path, program("files") + program("editor")), places)
    install("imaging", folder(tmp_path, program("viewer")), places)
    assert [app.slug for app in installed_apps(places.apps)] == ["viewer", "files", "editor"]


def test_installing_again_replaces(tmp_path: Path, places: Places) -> None:
    install("imaging", folder(tmp_path, program("viewer")), places)
    install("imaging", folder(tmp_path, program("other")), places)
    assert [app.slug for app in installed_apps(places.apps)] == ["other"]


def test_the_menu_entry_starts_the_program_through_the_session(tmp_path: Path, places: Places) -> None:
    install("imaging", folder(tmp_path, program("viewer")), places)
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(places.share / "applications" / "lifedesk-viewer.desktop")
    told = entry["Desktop Entry"]
    assert told["Name"] == "The viewer"
    assert told["Exec"] == "/opt/venv/bin/lifedesk-open viewer %f"
    assert told["MimeType"] == "application/x-lifedesk-mrc;"


def test_only_folders_of_the_names_it_opens_are_offered_to_the_program(tmp_path: Path, places: Places) -> None:
    install(
        "imaging", folder(tmp_path, program("viewer", '["*.zarr/", "*N5*/", "*.mrc"]') + program("other", "[]")), places
    )
    actions = places.share / "file-manager" / "actions"
    assert [file.name for file in actions.iterdir()] == ["lifedesk-open-viewer.desktop"]
    action = configparser.ConfigParser(interpolation=None, delimiters="=")
    action.read(actions / "lifedesk-open-viewer.desktop")
    assert action["Desktop Entry"]["Name"] == "Open with The viewer"
    profile = action[f"X-Action-Profile {action['Desktop Entry']['Profiles'].rstrip(';')}"]
    assert profile["Exec"] == "/opt/venv/bin/lifedesk-open viewer %f"
    assert (profile["MimeTypes"], profile["Basenames"]) == ("inode/directory;", "*.zarr;*N5*;")
    assert profile["SelectionCount"] == "=1"


def test_a_glob_gets_a_type_that_wins_over_the_systems_and_stands_above_it(tmp_path: Path, places: Places) -> None:
    install("imaging", folder(tmp_path, program("viewer", '["*.MRC", "*.new"]')), places)
    root = ElementTree.parse(places.share / "mime" / "packages" / "lifedesk.xml").getroot()
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    types = {kind.attrib["type"]: kind for kind in root}
    mrc = types["application/x-lifedesk-mrc"]
    assert mrc.find(f"{space}glob").attrib == {"weight": "80", "pattern": "*.mrc"}  # type: ignore[union-attr]
    assert mrc.find(f"{space}sub-class-of").attrib == {"type": "application/marc"}  # type: ignore[union-attr]
    assert types["application/x-lifedesk-new"].find(f"{space}sub-class-of") is None


def test_the_image_opens_a_type_before_the_one_it_is_built_on_and_folders_stay_alone(
    tmp_path: Path, places: Places
) -> None:
    install("desktop", folder(tmp_path, program("editor", '["*.mrc"]')), places)
    install("imaging", folder(tmp_path, program("viewer")), places)
    listed = (places.share / "applications" / "mimeapps.list").read_text()
    assert listed == (
        "[Default Applications]\napplication/x-lifedesk-mrc=lifedesk-viewer.desktop;lifedesk-editor.desktop;\n"
    )


def test_all_that_the_image_lacks_is_told_at_once(tmp_path: Path, places: Places) -> None:
    text = program("viewer", icon="nowhere", package="no-such-package").replace(f"[{PYTHON},", "[no-such-program,")
    with pytest.raises(InvalidAppsFile) as refused:
        install("imaging", folder(tmp_path, text), places)
    assert str(refused.value).splitlines()[1:] == [
        "- viewer: the program 'no-such-program' is not in this image",
        "- viewer: the Python package 'no-such-package' is not installed in this image",
        (
            f"- viewer: there is no icon 'nowhere' in {places.share}/icons and {places.share}/pixmaps as .svg or .png; "
            "put a picture beside apps.yaml and name that file"
        ),
    ]
    assert installed_apps(places.apps) == []


def test_an_icon_of_the_theme_is_taken_as_svg_else_near_128_pixels(tmp_path: Path, places: Places) -> None:
    for size in ("16x16", "128x128", "512x512"):
        (places.share / "icons/hicolor" / size / "apps").mkdir(parents=True)
        (places.share / "icons/hicolor" / size / "apps" / "many.png").write_text(size)
    install("imaging", folder(tmp_path, program("viewer", icon="many")), places)
    assert Path(installed_apps(places.apps)[0].icon).read_text() == "128x128"
    (places.share / "icons/hicolor/scalable/apps").mkdir(parents=True)
    (places.share / "icons/hicolor/scalable/apps/many.svg").write_text(SVG)
    install("imaging", folder(tmp_path, program("viewer", icon="many")), places)
    assert Path(installed_apps(places.apps)[0].icon).read_text() == SVG


@pytest.mark.parametrize(
    ("debian", "upstream"),
    [("1:3.1.0+dfsg-2+b1", "3.1.0"), ("2025.2-1", "2025.2"), ("1.54g~ds-3", "1.54g"), ("5", "5"), ("1.2-3-4", "1.2-3")],
)
def test_debians_additions_are_taken_off_a_version(debian: str, upstream: str) -> None:
    assert upstream_version(debian) == upstream


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "imaging", "--from", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith("apps.yaml cannot be read: No such file or directory.\n")
