"""A node whose site adds an image: made from a list of packages, started by a person, told apart from the others'."""

from __future__ import annotations

import shutil
from pathlib import Path

import docker
import pytest
import yaml

from tests.support.altered_images import remove_image
from tests.support.node import REPOSITORY, lifedesk, logged_in, running_node, words_of

NAME = "ldtest-tracking"


@pytest.fixture
def site(short_folder: Path) -> Path:
    """A site file whose only environment starts the added image."""
    file = short_folder / "lifedesk.yaml"
    values = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
    offered = next(profile for profile in values["profiles"] if profile["slug"] == "base")
    values["profiles"] = [{**offered, "slug": "tracking", "display_name": "Cell tracking", "image": NAME}]
    file.write_text(yaml.safe_dump(values))
    return file


@pytest.mark.usefixtures("image_tags")
def test_a_list_of_packages_becomes_a_session(
    site: Path, short_folder: Path, tmp_path: Path, docker_engine: docker.DockerClient
) -> None:
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("humanize>=4\n")
    where = ("--site", site, "--state", short_folder / "state")
    made = lifedesk("images", "from-environment", wanted, "--name", NAME, *where)
    assert made.status == 0, made.errors
    tag = next(line.split()[1].rstrip(";") for line in made.output.splitlines() if line.startswith("Made "))
    try:
        # As on another node: the image is not there, only the folder beside the site file.
        remove_image(docker_engine, tag)
        with running_node(short_folder / "state", site) as node, logged_in(node, "researcher") as person:
            assert "Cell tracking" in words_of(person.web.get("/hub/spawn").text)
            person.start_and_wait(profile="tracking", size="small")
            assert docker_engine.containers.get(person.container).attrs["Config"]["Image"] == tag
            assert person.run("python", "-c", "import humanize, zarr; print(humanize.intcomma(1234))") == "1,234\n"
    finally:
        remove_image(docker_engine, tag)
        shutil.rmtree(site.parent / "environments")
