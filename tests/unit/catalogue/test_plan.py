"""What a pull would do, before it does anything."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import NotEnoughSpace, NotListable, PlanRefused, UnsafeName
from lifedesk_catalogue.plan import choose
from tests.support.archive_server import ArchiveServer
from tests.unit.catalogue.conftest import MakeStudy, write


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_plan_says_what_where_and_how_much_and_writes_nothing(archive: ArchiveServer, study: MakeStudy) -> None:
    study(**{"a.tif": b"a" * 1000, "b/c.txt": b"c" * 10})
    plan = catalogue.plan_pull("S-BIAD1")
    assert [(file.name, file.size_bytes) for file in plan.files] == [("a.tif", 1000), ("b/c.txt", 10)]
    assert plan.into == Path.home() / "data" / "bioimage-archive" / "S-BIAD1"
    assert (plan.bytes_to_fetch, plan.bytes_total, plan.unknown_sizes, plan.is_complete) == (1010, 1010, 0, False)
    assert plan.free_bytes > 0
    assert plan.warnings == ()
    assert not plan.into.exists()


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["*.tif"], ["a.tif", "x/b.tif"]),
        (["x"], ["x/b.tif", "x/y/c.txt"]),
        (["x/"], ["x/b.tif", "x/y/c.txt"]),
        (["x/*.tif", "a.tif"], ["x/b.tif", "a.tif"]),
        (["x/y/c.txt"], ["x/y/c.txt"]),
        (None, ["a.tif", "x/b.tif", "x/y/c.txt"]),
    ],
)
def test_files_are_chosen_by_name_folder_or_pattern(wanted: list[str] | None, names: list[str]) -> None:
    files = [catalogue.File(name=name, url=f"https://h/{name}") for name in ("a.tif", "x/b.tif", "x/y/c.txt")]
    assert [file.name for file in choose(files, wanted)] == names


def test_choice_that_fits_nothing_is_refused_with_near_names() -> None:
    files = [catalogue.File(name=name, url=f"https://h/{name}") for name in ("image_1.tif", "table.csv")]
    with pytest.raises(
        PlanRefused, match=r"No file of this entry fits 'image_2.tif'. There is for example 'image_1.tif'"
    ):
        choose(files, ["image_2.tif"])
    with pytest.raises(PlanRefused, match=r"No files are chosen"):
        choose(files, [])
    with pytest.raises(PlanRefused, match=r"lists no files"):
        choose([], None)


def test_own_crate_of_a_data_set_gets_another_name() -> None:
    (file,) = choose([catalogue.File(name="ro-crate-metadata.json", url="https://h/x")], None)
    assert file.name == "source-ro-crate-metadata.json"


def test_too_little_space_is_refused_with_the_numbers(study: MakeStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study(**{"a.tif": b"a" * 5_000_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 0, 3_000_000))
    with pytest.raises(NotEnoughSpace) as caught:
        catalogue.plan_pull("S-BIAD1")
    assert str(caught.value).startswith("5.0 MB would have to fit into ")
    assert str(caught.value).endswith("where 3.0 MB are free. Choose fewer files, another folder, or free some space.")


def test_unsafe_names_of_an_archive_are_refused(archive: ArchiveServer, study: MakeStudy) -> None:
    study()
    write(archive.folder / "lists" / "S-BIAD1" / "all.json", b'[{"path": "../../.bashrc", "size": 3}]')
    with pytest.raises(UnsafeName, match=r"'../../.bashrc' has an empty, '.' or '..' part"):
        catalogue.plan_pull("S-BIAD1")


def test_unknown_licence_and_sizes_are_warned_of(archive: ArchiveServer, study: MakeStudy) -> None:
    study()
    write(archive.folder / "lists" / "S-BIAD1" / "all.json", b'[{"path": "a"}]')
    record = archive.folder / "S-BIAD1.json"
    record.write_text(record.read_text(encoding="utf-8").replace("CC0", "ask us"), encoding="utf-8")
    assert catalogue.plan_pull("S-BIAD1").warnings == (
        "The licence is not one known here (it says 'ask us'): make sure that you may use the data as you mean to.",
        "1 of the files have no stated size; it may become more than shown.",
    )


def test_folder_that_cannot_be_listed_is_refused(archive: ArchiveServer, study: MakeStudy) -> None:
    study()
    write(archive.folder / "lists" / "S-BIAD1" / "all.json", b'[{"path": "fig 8", "size": 9, "type": "directory"}]')
    with pytest.raises(NotListable, match=r"'fig 8' is a folder, and the archive does not tell what is in it"):
        catalogue.plan_pull("S-BIAD1")


def test_files_that_no_pull_brought_are_never_written_over(study: MakeStudy, tmp_path: Path) -> None:
    study(**{"a.tif": b"new"})
    write(tmp_path / "into" / "a.tif", b"mine")
    with pytest.raises(PlanRefused, match=r"already holds 'a.tif', not as a pull left it\. Move it away"):
        catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")


def test_file_changed_after_the_pull_is_not_written_over(study: MakeStudy, tmp_path: Path) -> None:
    study(**{"a.tif": b"new"})
    catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    write(tmp_path / "into" / "a.tif", b"worked on")
    with pytest.raises(PlanRefused, match=r"not as a pull left it"):
        catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")


def test_folder_of_another_data_set_is_refused(study: MakeStudy, tmp_path: Path) -> None:
    study(**{"a.tif": b"one"})
    study("S-BIAD2", **{"b.tif": b"two"})
    catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    with pytest.raises(
        PlanRefused, match=r"holds bioimage-archive/S-BIAD1. Choose another folder for bioimage-archive/S-BIAD2"
    ):
        catalogue.plan_pull("S-BIAD2", into=tmp_path / "into")


def test_target_that_is_a_file_is_refused(study: MakeStudy, tmp_path: Path) -> None:
    study(**{"a.tif": b"one"})
    write(tmp_path / "into", b"")
    with pytest.raises(PlanRefused, match=r"is a file\. Choose a folder\."):
        catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")
