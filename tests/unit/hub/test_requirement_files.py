"""Which lists of packages can become an image, and with which words the others are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.requirement_files import read_requirements


def written(folder: Path, text: str, name: str = "requirements.txt") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_comments_hashes_and_continued_lines_of_a_requirements_file_are_understood(tmp_path: Path) -> None:
    text = """# for cells
cellfinder>=1 , <2   # tracks
scikit-image[data]==0.25 \\
    --hash=sha256:0123 \\
    --hash=sha256:4567

dask ; python_version >= "3.9"
"""
    assert read_requirements(written(tmp_path, text)) == [
        "cellfinder<2,>=1",
        "scikit-image[data]==0.25",
        'dask; python_version >= "3.9"',
    ]


def test_all_lines_that_cannot_be_part_of_an_image_are_named_at_once(tmp_path: Path) -> None:
    text = "-r others.txt\n-e .\ngit+https://git.example/x\nx @ https://files.example/x.whl\n./x.whl\na b\n-q\n"
    with pytest.raises(NodeError) as refused:
        read_requirements(written(tmp_path, text))
    lines = str(refused.value).splitlines()
    assert lines[0].endswith("requirements.txt cannot become an image:")
    assert lines[1] == "  line 1: '-r others.txt': put the lines of that file here."
    assert [line.split(":")[0] for line in lines[1:]] == [f"  line {number}" for number in range(1, 8)]
    assert "an image takes released packages only" in lines[2]
    assert "'a b' is no requirement" in lines[6]


def test_an_empty_file_asks_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="asks for nothing"):
        read_requirements(written(tmp_path, "# later\n"))


@pytest.mark.parametrize("file", ["absent.txt", "binary.txt"])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, file: str) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(NodeError, match=rf"{file} cannot be read: .*Give the path of a requirements file"):
        read_requirements(tmp_path / file)


def test_the_pip_part_of_a_conda_file_is_taken(tmp_path: Path) -> None:
    text = "name: cells\nchannels: [conda-forge]\ndependencies:\n- python=3.13\n- pip\n- pip:\n  - humanize>=4\n"
    assert read_requirements(written(tmp_path, text, "environment.yml")) == ["humanize>=4"]


def test_what_only_conda_can_install_is_refused_by_name(tmp_path: Path) -> None:
    text = "dependencies:\n- python=3.9\n- conda-forge::napari=0.5\n- pip:\n  - humanize\n"
    with pytest.raises(NodeError, match=r"asks conda for python=3\.9, conda-forge::napari=0\.5\. .*under `pip:`"):
        read_requirements(written(tmp_path, text, "environment.yml"))


@pytest.mark.parametrize("text", ["- a\n", "name: x\n", "{", "dependencies: 3\n"])
def test_a_yaml_file_that_is_no_conda_environment_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(NodeError, match="is no"):
        read_requirements(written(tmp_path, text, "environment.yaml"))
