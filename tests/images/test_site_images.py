"""Images that a site makes from a list of packages, and images made elsewhere that are no sessions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import yaml

from images.plan import pins
from lifedesk_hub.node.images import image_tags
from lifedesk_hub.node.state import added_images
from tests.images.session import Hub, run, server
from tests.support.altered_images import SERVER, altered_image, remove_image
from tests.support.node import REPOSITORY, Finished, lifedesk

NAME = "ldtest-cells"


@dataclass(frozen=True)
class SiteFolder:
    """A site file in a folder of its own, and what the command says about it."""

    file: Path

    def make(self, name: str, *packages: str) -> Finished:
        """Make an image of that name with those packages."""
        wanted = self.file.with_name("wanted.txt")
        wanted.write_text("".join(f"{package}\n" for package in packages))
        where = ("--site", self.file, "--state", self.file.with_name("state"))
        return lifedesk("images", "from-environment", wanted, "--name", name, "--title", "Cells", *where)

    def offer(self, image: str) -> None:
        """Make the site's notebook environment start `image`."""
        site = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
        next(profile for profile in site["profiles"] if profile["image"] == "base")["image"] = image
        self.file.write_text(yaml.safe_dump(site))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SiteFolder:
    file = tmp_path_factory.mktemp("site") / "lifedesk.yaml"
    shutil.copy(REPOSITORY / "lifedesk.yaml", file)
    return SiteFolder(file)


@pytest.fixture(scope="module")
def tag(folder: SiteFolder, docker_engine: docker.DockerClient, image_tags: dict[str, str]) -> Iterator[str]:
    """An image with one small package more than base, removed afterwards."""
    made = folder.make(NAME, "humanize>=4")
    assert made.status == 0, made.errors
    found = _tags(folder)[NAME]
    assert found in made.output
    yield found
    remove_image(docker_engine, found)


def _tags(folder: SiteFolder) -> dict[str, str]:
    return image_tags(added_images(folder.file))


def test_a_session_of_the_image_has_what_was_asked_for_and_all_of_its_parent(
    docker_engine: docker.DockerClient, hub: Hub, home: str, folder: SiteFolder, tag: str
) -> None:
    version = pins((added_images(folder.file) / NAME / "requirements.txt").read_text())["humanize"]
    with server(docker_engine, tag, hub, home) as session:
        program = "import humanize, zarr, lifedesk_catalogue; print(humanize.__version__)"
        assert session.execute(program) == f"{version}\n"
        assert session.execute(program, "my-packages") == f"{version}\n"
        folders = session.shell("ls ~/.local/share/lifedesk/environments")
        assert folders == f"{NAME}-python3.13\n"
    labels = docker_engine.images.get(tag).labels
    assert labels["org.opencontainers.image.title"] == "Cells"
    assert json.loads(labels["eu.lifedesk.software"])["humanize"] == version
    assert docker_engine.images.get(tag).attrs["Config"]["User"] == "jovyan"


def test_the_image_can_be_named_in_the_site_file_and_is_listed(folder: SiteFolder, tag: str) -> None:
    folder.offer(NAME)
    assert lifedesk("check", folder.file).status == 0
    listed = lifedesk("images", "list", "--json", "--site", folder.file).output
    row = next(row for row in json.loads(listed) if row["name"] == NAME)
    assert (row["tag"], row["parent"]) == (tag, "lifedesk/base")


def test_making_it_again_from_its_recipe_gives_the_same_tag(folder: SiteFolder, tag: str) -> None:
    recipe = added_images(folder.file) / NAME
    before = {file.name: file.read_bytes() for file in recipe.iterdir()}
    where = ("--site", folder.file, "--state", folder.file.with_name("state"))
    made = lifedesk("images", "from-environment", recipe / "requirements.in", "--name", NAME, *where)
    assert made.status == 0, made.errors
    assert "Image: there" in made.output
    assert {file.name: file.read_bytes() for file in recipe.iterdir()} == before
    assert _tags(folder)[NAME] == tag


@pytest.mark.usefixtures("image_tags")
def test_nothing_stays_of_an_image_whose_package_cannot_be_imported(
    docker_engine: docker.DockerClient, folder: SiteFolder
) -> None:
    refused = folder.make("ldtest-magic", "python-magic==0.4.27")  # works with a library that base does not have
    assert refused.status == 1
    assert "The image 'ldtest-magic' was made, but does not work; it was removed again." in refused.errors
    assert "python-magic is installed but cannot be imported: ImportError: failed to find libmagic." in refused.errors
    assert not (added_images(folder.file) / "ldtest-magic").exists()
    assert [image.tags for image in docker_engine.images.list("lifedesk/ldtest-magic")] == []


@pytest.mark.usefixtures("image_tags")
def test_what_contradicts_the_parent_is_refused_before_anything_is_built(folder: SiteFolder) -> None:
    refused = folder.make("ldtest-old", "numpy<2")
    assert refused.status == 1
    assert "you require numpy<2" in refused.errors
    assert "The image 'base' has numpy 2." in refused.errors
    assert not (added_images(folder.file) / "ldtest-old").exists()


def test_a_name_of_ours_is_refused(folder: SiteFolder) -> None:
    refused = folder.make("base", "humanize")
    assert "'base' cannot name an image: one of ours has that name. Choose another one with --name." in refused.errors


def test_check_finds_an_image_that_lacks_the_single_user_server(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], folder: SiteFolder
) -> None:
    with altered_image(docker_engine, image_tags["base"], "ldtest-serverless:1.0", f"rm {SERVER}") as image:
        folder.offer(image)
        refused = lifedesk("check", folder.file)
    assert refused.status == 1
    assert f"The image {image} has no single-user server: the program lifedesk-singleuser is missing" in refused.errors
    absent = lifedesk("check", folder.file)
    assert absent.status == 0
    assert f"Not looked at, they are not on this machine: {image}" in absent.output


def test_the_parents_own_kernel_is_not_changed_by_what_is_added(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tag: str
) -> None:
    freeze = ["python", "-m", "pip", "list", "--format", "freeze"]
    below = set(run(docker_engine, image_tags["base"], freeze).split())
    above = set(run(docker_engine, tag, freeze).split())
    assert below <= above
    assert {line.partition("==")[0] for line in above - below} == {"humanize"}
