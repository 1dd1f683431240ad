"""The plan of the images: order, what each is made of, when a tag changes, and refusals with their sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from images.plan import PlanError, build_order, read_dockerfile, read_images, software, with_parents

Write = Callable[[str, str], Path]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write_file


@pytest.fixture
def repository(write: Write, tmp_path: Path) -> Path:
    """Two images in a line: aa is built on zz, so that the alphabet gives the wrong order."""
    write("pyproject.toml", '[project]\nversion = "1.2.3"\n')
    write("images/zz/Dockerfile", "ARG PARENT=debian:trixie-slim\nFROM ${PARENT}\nCOPY notebooks /n\nRUN true\n")
    write("images/aa/Dockerfile", "ARG PARENT=lifedesk/zz\nFROM ${PARENT}\nCOPY images/aa/settings.json /s\n")
    write("images/aa/settings.json", "{}")
    write("notebooks/first/01.ipynb", "{}")
    return tmp_path


def recipes(root: Path) -> dict[str, str]:
    return {name: image.recipe for name, image in read_images(root).items()}


def test_an_image_comes_after_the_one_it_is_built_on(repository: Path) -> None:
    assert list(read_images(repository)) == ["zz", "aa"]


def test_the_tag_is_the_name_and_twelve_digits_of_the_recipe(repository: Path) -> None:
    image = read_images(repository)["aa"]
    assert image.tag == f"lifedesk/aa:{image.recipe}"
    assert len(image.recipe) == 12


def test_reading_twice_gives_the_same_recipes(repository: Path) -> None:
    assert recipes(repository) == recipes(repository)


def test_a_changed_file_that_is_copied_changes_its_image_and_the_ones_on_it(repository: Path, write: Write) -> None:
    before = recipes(repository)
    write("notebooks/first/01.ipynb", '{"cells": []}')
    after = recipes(repository)
    assert before["zz"] != after["zz"]
    assert before["aa"] != after["aa"]


def test_a_changed_file_of_a_child_leaves_its_parent_as_it_is(repository: Path, write: Write) -> None:
    before = recipes(repository)
    write("images/aa/settings.json", '{"a": 1}')
    after = recipes(repository)
    assert before["zz"] == after["zz"]
    assert before["aa"] != after["aa"]


def test_a_renamed_and_a_new_file_change_the_recipe(repository: Path, write: Write) -> None:
    first = recipes(repository)["zz"]
    (repository / "notebooks/first/01.ipynb").rename(repository / "notebooks/first/02.ipynb")
    second = recipes(repository)["zz"]
    write("notebooks/first/data.yaml", "a: 1")
    assert len({first, second, recipes(repository)["zz"]}) == 3


def test_an_executable_bit_changes_the_recipe(repository: Path) -> None:
    before = recipes(repository)["aa"]
    (repository / "images/aa/settings.json").chmod(0o755)
    assert recipes(repository)["aa"] != before


def test_the_version_of_the_repository_changes_every_recipe(repository: Path, write: Write) -> None:
    before = recipes(repository)
    write("pyproject.toml", '[project]\nversion = "1.2.4"\n')
    assert not set(before.values()) & set(recipes(repository).values())


@pytest.mark.parametrize(
    "file",
    ["images/zz/README.md", "notebooks/first/__pycache__/a.pyc", "notebooks/.ipynb_checkpoints/01.ipynb", "docs/a.md"],
)
def test_a_file_no_image_is_made_of_changes_nothing(repository: Path, write: Write, file: str) -> None:
    before = recipes(repository)
    write(file, "x")
    assert recipes(repository) == before


def test_a_mounted_file_belongs_to_the_recipe_and_one_of_another_stage_does_not() -> None:
    found = read_dockerfile(
        "ARG PARENT=debian:13\nFROM ${PARENT} AS tools\nRUN a\nFROM ${PARENT}\n"
        "RUN --mount=type=bind,source=requirements/a.txt,target=/r \\\n"
        "    --mount=type=bind,from=tools,source=/opt,target=/o \\\n    # why\n    install\n"
        "COPY --from=tools /opt/x /opt/x\nCOPY --chmod=755 images/a/one images/a/two /opt/\n",
        "here",
    )
    assert found.parent == "debian:13"
    assert found.sources == ("requirements/a.txt", "images/a/one", "images/a/two")
    assert found.steps == 5  # the common start, two RUN, two COPY


def test_asking_for_an_image_also_gives_what_it_is_built_on(repository: Path) -> None:
    images = read_images(repository)
    assert [image.name for image in with_parents(images, ["aa"])] == ["zz", "aa"]
    assert [image.name for image in with_parents(images, ["zz"])] == ["zz"]
    assert [image.name for image in with_parents(images, [])] == ["zz", "aa"]


def test_an_unknown_image_is_answered_with_the_known_ones(repository: Path) -> None:
    with pytest.raises(PlanError) as refused:
        with_parents(read_images(repository), ["imagign"])
    assert str(refused.value) == "There is no image 'imagign'. There are: zz, aa."


def test_a_circle_is_named() -> None:
    with pytest.raises(PlanError) as refused:
        build_order({"a": "debian:13", "b": "lifedesk/d", "c": "lifedesk/b", "d": "lifedesk/c"})
    assert str(refused.value) == (
        "These images are built on each other in a circle: b → d → c → b. Change the PARENT of one of them."
    )


def test_a_parent_that_is_not_there_is_named_with_the_ones_that_are() -> None:
    with pytest.raises(PlanError) as refused:
        build_order({"a": "debian:13", "b": "lifedesk/x"})
    assert str(refused.value) == "images/b/Dockerfile: there is no image 'x' to build on. There are: a, b."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("FROM debian\n", "here: FROM debian. Write FROM ${PARENT}, so that the plan knows the parent."),
        ("RUN true\n", "here: no line ARG PARENT=<image> before FROM. It names the image to build on."),
        (
            "ARG PARENT=a\nFROM ${PARENT}\nCOPY images/* /x\n",
            "here: 'images/*': name what is copied without variables and patterns.",
        ),
    ],
)
def test_a_dockerfile_the_plan_cannot_follow_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(PlanError) as refused:
        read_dockerfile(text, "here")
    assert str(refused.value) == sentence


def test_a_copied_path_that_is_not_there_is_named(repository: Path) -> None:
    (repository / "images/aa/settings.json").unlink()
    with pytest.raises(PlanError) as refused:
        read_images(repository)
    assert str(refused.value) == (
        "images/aa/Dockerfile: 'images/aa/settings.json' is copied but is not in the repository."
    )


def test_the_software_label_has_the_locked_versions_of_what_is_asked_for(tmp_path: Path, write: Write) -> None:
    write("requirements/a.in", "-r b.in\nJupyter_Lab>=4  # why\n\n")
    write("requirements/b.in", "zarr[remote]\n")
    write("requirements/a.txt", "jupyter-lab==4.6.6 \\\n    --hash=sha256:0\nother==1\nzarr==3.4.2\n")
    assert software(tmp_path, "a") == {"jupyter-lab": "4.6.6", "zarr": "3.4.2"}


def test_a_lock_file_that_is_behind_is_refused_with_the_command_that_renews_it(tmp_path: Path, write: Write) -> None:
    write("requirements/a.in", "zarr\nnapari\n")
    write("requirements/a.txt", "zarr==3.4.2\n")
    with pytest.raises(PlanError) as refused:
        software(tmp_path, "a")
    assert str(refused.value) == "requirements/a.txt does not hold napari. Run requirements/lock a."


def test_the_images_of_this_repository_can_be_planned() -> None:
    images = read_images(ROOT)
    assert images["imaging"].parent_name == "desktop"
    assert images["desktop"].parent_name == "base"
    assert images["base"].parent_name is None
    copied = {file.relative_to(ROOT).as_posix() for file in images["base"].files}
    assert {"requirements/base.txt", "extensions/lifedesk-catalogue/pyproject.toml"} <= copied
