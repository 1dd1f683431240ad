"""What the tests of the desktop share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import docker
import pytest
from playwright.sync_api import BrowserContext

from tests.desktop.desk import Desk, open_desk, running_session
from tests.images import session


@pytest.fixture(scope="session")
def hub(docker_engine: docker.DockerClient) -> Iterator[session.Hub]:
    with session.running_hub(docker_engine) as running:
        yield running


@pytest.fixture(scope="module")
def shared_server(
    docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str]
) -> Iterator[session.Server]:
    """A session of the desktop image, for tests that leave its desktop usable."""
    with ExitStack() as stack:
        home = stack.enter_context(session.home_volume(docker_engine))
        yield stack.enter_context(running_session(docker_engine, image_tags["desktop"], hub, home))


@pytest.fixture
def desk(shared_server: session.Server, context: BrowserContext) -> Desk:
    """The desktop of the shared session in a new tab."""
    return open_desk(shared_server, context)


@pytest.fixture
def home(docker_engine: docker.DockerClient) -> Iterator[str]:
    with session.home_volume(docker_engine) as name:
        yield name
