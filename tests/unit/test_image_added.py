"""Images that a site adds: read from their folders, planned, refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from images.added import images_with_added, locked_packages, read_added_folders
from images.engine import pack
from images.plan import Image, PlanError, read_images, with_parents

ROOT = Path(__file__).parents[2]
LOCK = "humanize==4.17.0 \\\n    --hash=sha256:02d0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recipe = tmp_path / "environments" / "cells"
    recipe.mkdir(parents=True)
    (recipe / "environment.toml").write_text('on = "base"\ntitle = "Zelltracking für alle"\n', encoding="utf-8")
    (recipe / "requirements.in").write_text("humanize>=4\n")
    (recipe / "requirements.txt").write_text(LOCK)
    return recipe.parent


def cells(folder: Path) -> Image:
    return images_with_added(ROOT, read_images(ROOT), folder)["cells"]


def test_an_added_image_stands_on_its_parent_and_says_what_it_is(folder: Path) -> None:
    image = cells(folder)
    assert image.parent_name == "base"
    assert image.labels["eu.lifedesk.image"] == "cells"
    assert image.labels["org.opencontainers.image.title"] == "Zelltracking für alle"
    software = json.loads(image.labels["eu.lifedesk.software"])
    assert software["humanize"] == "4.17.0"
    assert "jupyterlab" in software
    order = [one.name for one in with_parents(images_with_added(ROOT, read_images(ROOT), folder), ["cells"])]
    assert order == ["base", "cells"]


def test_the_same_recipe_gives_the_same_tag_and_another_lock_another(folder: Path) -> None:
    before = cells(folder).tag
    assert cells(folder).tag == before
    (folder / "cells" / "requirements.txt").write_text(LOCK.replace("02d0", "02d1"))
    assert cells(folder).tag != before


def test_the_lock_is_given_to_the_build(folder: Path) -> None:
    assert LOCK.encode() in pack(ROOT, cells(folder))


def test_a_site_without_such_a_folder_has_our_images(tmp_path: Path) -> None:
    images = read_images(ROOT)
    assert images_with_added(ROOT, images, tmp_path / "environments") == images


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        (
            "environment.toml",
            'on = "nowhere"\ntitle = "x"\n',
            "there is no image 'nowhere' to stand on. There are: base",
        ),
        ("environment.toml", 'on = "base"\n', 'write two lines and no others: on = "NAME" and title = "…"'),
        ("environment.toml", "on = \n", "Make it anew: lifedesk images from-environment."),
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused_with_its_place(
    folder: Path, file: str, text: str, sentence: str
) -> None:
    (folder / "cells" / file).write_text(text)
    with pytest.raises(PlanError) as refused:
        cells(folder)
    assert sentence in str(refused.value)
    assert str(folder / "cells") in str(refused.value)


def test_a_recipe_without_its_lock_is_refused(folder: Path) -> None:
    (folder / "cells" / "requirements.txt").unlink()
    with pytest.raises(PlanError, match=r"requirements\.txt"):
        cells(folder)


@pytest.mark.parametrize("name", ["base", "Cells"])
def test_a_name_that_is_taken_or_cannot_be_a_tag_is_refused(folder: Path, name: str) -> None:
    (folder / "cells").rename(folder / name)
    with pytest.raises(PlanError, match=f"'{name}' cannot name an image"):
        read_added_folders(folder, {"base": []})


def test_an_images_packages_are_its_own_and_those_below_it() -> None:
    found = locked_packages(ROOT, read_images(ROOT), "imaging")
    assert {"jupyterlab", "napari", "numpy"} <= set(found)
