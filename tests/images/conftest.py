"""What the tests of the images share."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from tests.images import session


@pytest.fixture(scope="session")
def hub(docker_engine: docker.DockerClient) -> Iterator[session.Hub]:
    with session.running_hub(docker_engine) as running:
        yield running


@pytest.fixture
def home(docker_engine: docker.DockerClient) -> Iterator[str]:
    with session.home_volume(docker_engine) as name:
        yield name
