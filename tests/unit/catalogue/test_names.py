"""Names that must not be written."""

from __future__ import annotations

import pytest

from lifedesk_catalogue.errors import PlanRefused, UnsafeName
from lifedesk_catalogue.names import check_names


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/passwd", "is not a path inside the data set"),
        ("", "is not a path inside the data set"),
        ("../up", "has an empty, '.' or '..' part"),
        ("a/../../up", "has an empty, '.' or '..' part"),
        ("a//b", "has an empty, '.' or '..' part"),
        ("a/./b", "has an empty, '.' or '..' part"),
        ("line\nbreak", "holds a control character or a backslash"),
        ("nul\0", "holds a control character or a backslash"),
        ("back\\slash", "holds a control character or a backslash"),
        ("gpj.\u202eexe", "holds a control character or a backslash"),
        (".lifedesk/pulled.jsonl", "is a name the pull itself needs"),
        ("ro-crate-metadata.json", "is a name the pull itself needs"),
        ("data/aux.txt", "is a device name on Windows"),
        ("é" * 130, "has a part longer than 250 bytes"),
        ("/".join(["d" * 200] * 21), "makes a path that is too long"),
    ],
)
def test_unsafe_name_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(UnsafeName) as caught:
        check_names(["fine.txt", name], "/home/jovyan/data")
    assert str(caught.value) == (
        f"These files are not pulled, because of their names: {name!r} {reason}. "
        "Choose the other files by name or pattern, and tell the archive."
    )


def test_names_that_differ_only_in_case_or_composition_are_refused() -> None:
    with pytest.raises(UnsafeName, match=r"'image.tif' is the same as 'Image.tif'"):
        check_names(["Image.tif", "image.tif"], "/d")
    with pytest.raises(UnsafeName, match=r"is the same as"):
        check_names(["caf\u00e9", "cafe\u0301"], "/d")


def test_file_that_is_also_a_folder_is_refused() -> None:
    with pytest.raises(UnsafeName, match=r"'a/b' is both a file and a folder"):
        check_names(["a/b", "a/b/c"], "/d")


def test_many_faults_are_counted_not_listed() -> None:
    with pytest.raises(PlanRefused, match=r"and 3 more"):
        check_names([f"../{number}" for number in range(8)], "/d")


def test_odd_but_harmless_names_pass() -> None:
    check_names(["a b/c+d #1 & 2%.tif", "..hidden", ".zattrs", "Ünal/数据.tif", "0/c/0/0", "com/port.txt"], "/d")
