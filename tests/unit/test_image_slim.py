"""What is removed from images: only what a list names with its reason, and nothing silently."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from images.base.build.slim import fitting, main, patterns, remove, strip

ROOT = Path(__file__).parents[2]


def write(file: Path, size: int) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * size)
    return file


@pytest.mark.parametrize("line", ["/usr/share/x", "/usr/share/x  #", "/usr/share/x # why", "usr/share/x  # why"])
def test_a_line_without_a_reason_or_an_absolute_path_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="write an absolute path, two spaces, # and why") as refused:
        patterns(f"# a comment\n\n{line}\n")
    assert str(refused.value).startswith(repr(line))


def test_the_lists_of_all_images_can_be_read() -> None:
    lists = sorted(ROOT.glob("images/*/slim.txt"))
    assert lists
    for file in lists:
        assert len(patterns(file.read_text(encoding="utf-8"))) == len(set(patterns(file.read_text(encoding="utf-8"))))


def test_folders_files_and_links_that_fit_are_removed_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "venv/a/tests/one", 10)
    write(tmp_path / "venv/a/b/tests/deep/two", 20)
    kept = write(tmp_path / "venv/a/testing", 40)
    elsewhere = write(tmp_path / "elsewhere/file", 80)
    (tmp_path / "venv/a/b/tests/link").symlink_to(elsewhere.parent)
    pattern = f"{tmp_path}/venv/**/tests"
    found = fitting([pattern])
    assert found == {pattern: [tmp_path / "venv/a/b/tests", tmp_path / "venv/a/tests"]}
    assert remove(found[pattern]) == 30 + len(str(elsewhere.parent))
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == [elsewhere, kept]


def test_lines_that_fit_nothing_are_named(tmp_path: Path) -> None:
    write(tmp_path / "there", 1)
    with pytest.raises(ValueError, match="nothing in the image fits") as refused:
        fitting([f"{tmp_path}/gone", f"{tmp_path}/there", f"{tmp_path}/*.map"])
    assert f"fits {tmp_path}/gone, {tmp_path}/*.map. Take these lines out" in str(refused.value)


def test_a_step_removes_only_what_is_on_its_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inside, outside = write(tmp_path / "venv/a", 2_000_000), write(tmp_path / "usr/a", 1)
    listed = tmp_path / "slim.txt"
    listed.write_text(f"{outside}  # why\n{inside}  # why\n", encoding="utf-8")
    main([str(listed), "--inside", str(tmp_path / "venv")])
    assert (inside.exists(), outside.exists()) == (False, True)
    assert capsys.readouterr().out == f"     2.0 MB  {inside}\n"
    main([str(listed), "--outside", str(tmp_path / "venv")])
    assert not outside.exists()


def test_a_new_library_loses_its_debug_symbols_and_a_text_of_that_name_nothing(tmp_path: Path) -> None:
    program, compiler = shutil.which("strip"), shutil.which("cc")
    if not program or not compiler:
        pytest.skip("no compiler on this machine")
    text = write(tmp_path / "notes.so", 50_000)
    source = tmp_path / "a.c"
    source.write_text("".join(f"int add{n}(int a) {{ return a + {n}; }}\n" for n in range(500)), encoding="utf-8")
    library = tmp_path / "a.so"
    subprocess.run([compiler, "-g", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    before = library.stat().st_size
    assert strip(program, tmp_path, library.stat().st_ctime + 1) == 0
    assert strip(program, tmp_path, library.stat().st_ctime) == before - library.stat().st_size > 0
    assert text.stat().st_size == 50_000
    assert re.search(rb"add499", library.read_bytes())
