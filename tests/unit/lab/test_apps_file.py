"""apps.yaml: what it may say, and what is said about what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_lab.apps import InvalidAppsFile
from lifedesk_lab.apps.document import read_apps

VIEWER = """
- slug: viewer
  title: Viewer
  description: Looks at images
  command: [viewer, --new, "--file={path}"]
  icon: viewer.svg
  opens: ["*.tif", "*.zarr/"]
  package: {debian: viewer}
  licence: BSD-3-Clause
  citation: 10.5281/zenodo.3555620
  homepage: https://viewer.example.org
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "apps.yaml"
    file.write_text(text)
    return file


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(InvalidAppsFile) as refused:
        read_apps(write(folder, text))
    first, *lines = str(refused.value).splitlines()
    assert first == f"{folder / 'apps.yaml'} cannot be installed:"
    return [line.removeprefix("- ") for line in lines]


def test_a_program_is_read_with_all_it_says(tmp_path: Path) -> None:
    (app,) = read_apps(write(tmp_path, VIEWER))
    assert (app.slug, app.opens, app.package.source, app.package.name) == (
        "viewer", ("*.tif", "*.zarr/"), "debian", "viewer"
    )  # fmt: skip


def test_citation_and_opened_files_may_be_left_out(tmp_path: Path) -> None:
    text = VIEWER.replace("  citation: 10.5281/zenodo.3555620\n", "").replace('  opens: ["*.tif", "*.zarr/"]\n', "")
    (app,) = read_apps(write(tmp_path, text))
    assert (app.opens, app.citation) == ((), None)


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ("  icon:", "  picture: a.svg\n  icon:", "program 1 (viewer), picture: there is no such key; there are: slug"),
        ("  title: Viewer\n", "", "program 1 (viewer), title: this key is missing"),
        ("slug: viewer", "slug: My Viewer", "program 1 (My Viewer), slug: 'My Viewer' is no short name: lower-case"),
        ("debian: viewer", "conda: viewer", "program 1 (viewer), package: write {python: NAME} or {debian: NAME}"),
        ("BSD-3-Clause", "BSD license", "program 1 (viewer), licence: a licence is an SPDX expression: 'BSD-3"),
        ("https://viewer", "http://viewer", "program 1 (viewer), homepage: an address begins with https://"),
        ("10.5281/zenodo.3555620", "Smith 2020", "program 1 (viewer), citation: an address begins with https://"),
        ('"*.tif"', '"*"', "program 1 (viewer), opens[0]: '*' matches everything; name an ending: '*.mrc', not '*'"),
        ('"*.tif"', '"data/*.tif"', "program 1 (viewer), opens[0]: a pattern is a file name with * and ?"),
        ("viewer.svg", "../viewer.svg", "program 1 (viewer), icon: an icon is a name from the image's icon theme"),
        (', "--file={path}"', "", "program 1 (viewer): it opens files, so one argument of its command must hold"),
        ("--new,", '"{path}",', "program 1 (viewer): only one argument of its command may hold {path}"),
        ("[viewer, --new, ", "[", "program 1 (viewer): the first word of its command is the program"),
        ('[viewer, --new, "--file={path}"]', "viewer", "program 1 (viewer), command: this must be a list"),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_is_allowed(
    tmp_path: Path, written: str, instead: str, fault: str
) -> None:
    assert written in VIEWER
    (told,) = faults(tmp_path, VIEWER.replace(written, instead, 1))
    assert told.startswith(fault)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = faults(tmp_path, VIEWER + VIEWER.replace("viewer\n  title: Viewer", "other").replace("BSD-3-Clause", "Free"))
    assert [line.partition(":")[0] for line in told] == ["program 2 (other), title", "program 2 (other), licence"]


def test_two_programs_of_one_slug_are_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, VIEWER + VIEWER) == ["the slug 'viewer' is given to more than one program"]


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, "apps: []") == ["the file: this must be a list"]


def test_what_is_not_yaml_is_refused_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidAppsFile, match=r"(?s)apps.yaml is not YAML: .*line 3"):
        read_apps(write(tmp_path, "- slug: a\n  title: [\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidAppsFile, match=r"apps.yaml cannot be read: No such file or directory\."):
        read_apps(tmp_path / "apps.yaml")
