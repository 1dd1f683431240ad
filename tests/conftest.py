"""What several tiers share: the engine, the images, one node that runs for all tests of a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from lifedesk_hub.node import images, parts
from lifedesk_hub.node.engine import engine
from tests.support.node import Node, running_node

pytest_plugins = ("tests.support.browser_fixtures",)


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """A client of the container engine, installed and started if need be."""
    if packages := parts.missing_packages():
        parts.install(packages, may_install=lambda command: True, note=lambda text: None)
    with closing(engine(tmp_path_factory.mktemp("engine") / "dockerd.log")) as client:
        yield client


@pytest.fixture(scope="session")
def image_tags(docker_engine: docker.DockerClient) -> dict[str, str]:
    """Image name → tag, all of them built."""
    images.build([], None, lambda text: None)
    return images.image_tags()


@pytest.fixture(scope="session")
def node(image_tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The demo node, brought up by `./lifedesk up`; shared by all tests of a run, which leave it as they find it."""
    state = tmp_path_factory.mktemp("node")
    with running_node(state) as running:
        yield running


@pytest.fixture
def short_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a short path, as the state of a further node."""
    folder = Path("/tmp") / f"ld-{tmp_path.name[-12:]}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
