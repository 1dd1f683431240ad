"""Which programs are offered for a file or folder, and what they are started with."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_lab.apps import InstalledApp, UnknownApp, UnusablePath, find_app, installed_apps, matching
from lifedesk_lab.apps.paths import path_in_home


def app(slug: str, *opens: str) -> InstalledApp:
    command = (slug, "--view", "{path}")
    return InstalledApp(slug, slug.title(), "", command, "", opens, "1", "MIT", None, "https://example.org")


NAPARI = app("napari", "*.zarr/", "*.tif", "*.tiff")
IMAGEJ = app("imagej", "*.tif", "*.TIFF")
MEDICAL = app("medical", "*.nii.gz", "*.gz", "DICOMDIR")
BIO = app("bio", "*.ome.tiff")
APPS = [NAPARI, IMAGEJ, MEDICAL, BIO]


@pytest.mark.parametrize(
    ("path", "is_folder", "slugs"),
    [
        ("plates/cells.zarr", True, ["napari"]),
        ("plates/cells.zarr/", True, ["napari"]),
        ("plates/cells.zarr", False, []),
        ("a.tif", True, []),
        ("scan 1.TIF", False, ["napari", "imagej"]),
        ("scan.ome.tiff", False, ["bio", "napari", "imagej"]),
        ("brain.nii.gz", False, ["medical"]),
        ("disc/dicomdir", False, ["medical"]),
        ("a.zarr/readme", False, []),
        ("", False, []),
    ],
)
def test_programs_match_by_the_name_at_the_end_the_longest_glob_first(
    path: str, is_folder: bool, slugs: list[str]
) -> None:
    assert [found.slug for found in matching(APPS, path, is_folder)] == slugs


def test_the_path_takes_the_place_of_its_mark_and_the_marked_argument_goes_without_one() -> None:
    assert NAPARI.argv("/home/jovyan/a b.tif") == ["napari", "--view", "/home/jovyan/a b.tif"]
    assert NAPARI.argv(None) == ["napari", "--view"]


def test_an_unknown_program_is_refused_with_those_there_are() -> None:
    assert find_app(APPS, "imagej") is IMAGEJ
    with pytest.raises(
        UnknownApp,
        match=r"This environment has no program 'vmd'\. There are: napari, imagej, medical, bio\.",
    ):
        find_app(APPS, "vmd")
    with pytest.raises(UnknownApp, match=r"This environment has no program 'vmd'\. It has no programs with windows\."):
        find_app([], "vmd")


def test_an_image_without_programs_has_none(tmp_path: Path) -> None:
    assert installed_apps(tmp_path / "none") == []


def test_a_path_in_the_home_is_found_also_behind_a_link(tmp_path: Path) -> None:
    home, shared = tmp_path / "home", tmp_path / "shared"
    (home / "work").mkdir(parents=True)
    (shared / "map.zarr").mkdir(parents=True)
    (home / "lab").symlink_to(shared)
    assert path_in_home(home, "work") == home / "work"
    assert path_in_home(home, "lab/map.zarr/").is_dir()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "The path is empty"),
        ("a\0b", "The path is empty or cannot be a file's name"),
        ("/etc/passwd", "'/etc/passwd' is not inside the home directory"),
        ("../other", r"'\.\./other' is not inside the home directory"),
        ("work/../../other", "is not inside the home directory"),
        ("n" * 300, "cannot be read: File name too long|There is no file or folder"),
        ("missing.tif", r"There is no file or folder 'missing\.tif' in the home directory\."),
    ],
)
def test_other_paths_are_refused_in_a_sentence(tmp_path: Path, path: str, sentence: str) -> None:
    with pytest.raises(UnusablePath, match=sentence) as refused:
        path_in_home(tmp_path, path)
    assert refused.value.is_missing == (path == "missing.tif" or "There is no" in str(refused.value))
