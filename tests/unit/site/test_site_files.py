"""The site files under tests/sites: the good ones load, the bad ones get exactly the report beside them."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from images.plan import read_ancestors
from lifedesk_hub.site import SiteFileError, load_site
from tests.support.site import IMAGES

ROOT = Path(__file__).parents[3]
GOOD = sorted((ROOT / "tests/sites/good").glob("*.yaml"))
BAD = sorted((ROOT / "tests/sites/bad").glob("*.yaml"))
SECRET = "correct-horse-battery"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lifedesk.yaml"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_site_file_loads(path: Path) -> None:
    assert load_site(path, IMAGES).profiles


def test_the_demo_offers_every_image_that_is_for_people() -> None:
    images = {name: tuple(ancestors) for name, ancestors in read_ancestors(ROOT).items()}
    offered = {profile.image for profile in load_site(ROOT / "lifedesk.yaml", images).profiles}
    assert offered == images.keys() - {"desktop"}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_site_file_gets_exactly_the_report_beside_it(path: Path) -> None:
    with pytest.raises(SiteFileError) as refusal:
        load_site(path, IMAGES)
    assert str(refusal.value) + "\n" == path.with_suffix(".report").read_text(encoding="utf-8")


def test_every_report_belongs_to_a_bad_site_file() -> None:
    reports = (ROOT / "tests/sites/bad").glob("*.report")
    assert {path.stem for path in BAD} == {path.stem for path in reports}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_sentence_starts_small_and_ends_with_a_full_stop(path: Path) -> None:
    with pytest.raises(SiteFileError) as refusal:
        load_site(path, IMAGES)
    for fault in refusal.value.faults:
        assert not fault.sentence[0].isupper(), fault
        assert fault.sentence.endswith("."), fault
        assert ".." not in fault.sentence.replace("'..'", ""), fault
        assert fault.sentence.isprintable(), fault


@pytest.mark.parametrize(
    "path", [path for path in BAD if SECRET in path.read_text("latin-1")], ids=lambda path: path.stem
)
def test_a_secret_written_in_the_file_is_neither_in_the_report_nor_in_the_traceback(path: Path) -> None:
    with pytest.raises(SiteFileError) as refusal:
        load_site(path, IMAGES)
    assert SECRET not in "".join(traceback.format_exception(refusal.value))
    assert SECRET not in repr(refusal.value.faults[0].sentence)


def test_every_place_a_secret_could_slip_into_has_a_bad_site_file() -> None:
    assert sum(SECRET in path.read_text("latin-1") for path in BAD) >= 9


def test_a_missing_file_is_named_with_its_reason(file: Path) -> None:
    with pytest.raises(SiteFileError) as refusal:
        load_site(file, IMAGES)
    sentence = "cannot be read (No such file or directory): give the path of a site file."
    assert str(refusal.value) == f"lifedesk.yaml: 1 fault\n  {sentence}"


def test_a_folder_is_no_site_file(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match=r"cannot be read \(Is a directory\)"):
        load_site(tmp_path, IMAGES)


def test_a_huge_file_is_not_read_to_its_end(file: Path) -> None:
    file.write_bytes(b"# padding\n" * 30_000)
    with pytest.raises(SiteFileError, match="larger than 256 KiB: this is no site file"):
        load_site(file, IMAGES)


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(SiteFileError, match="larger than 256 KiB"):
        load_site(Path("/dev/zero"), IMAGES)


@pytest.mark.parametrize(
    "text",
    ["- " * 3000 + "end", "[" * 60_000, "{" * 60_000, "a: &a {<<: *a}", "a: &a [*a]", "x: " + "[" * 60 + "]" * 60],
    ids=["block lists", "flow lists", "flow mappings", "merge of itself", "list of itself", "sixty lists"],
)
def test_deep_nesting_is_refused_with_a_sentence(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SiteFileError, match="nested too deeply"):
        load_site(file, IMAGES)


def test_a_report_of_very_many_faults_ends_with_their_number(file: Path) -> None:
    file.write_text("".join(f"wrong{number}: 1\n" for number in range(300)))
    with pytest.raises(SiteFileError) as refusal:
        load_site(file, IMAGES)
    lines = str(refusal.value).splitlines()
    assert lines[0] == "lifedesk.yaml: 306 faults"
    assert lines[-1] == "  … and 206 more."
    assert len(lines) == 102


def test_a_file_with_a_byte_order_mark_and_dos_line_ends_loads(file: Path) -> None:
    minimal = (ROOT / "tests/sites/good/minimal.yaml").read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + minimal.replace(b"\n", b"\r\n"))
    assert load_site(file, IMAGES).name == "Minimal"
