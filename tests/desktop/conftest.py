"""What the tests of the desktop share."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack

import docker
import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.desktop.desk import Desk, open_desk, running_session
from tests.images import session
from tests.support.browser import chromium, picture_all

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def hub(docker_engine: docker.DockerClient) -> Iterator[session.Hub]:
    with session.running_hub(docker_engine) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser profile of its own; what its pages showed is kept as pictures if the test fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context
    if request.node.stash.get(FAILED, False):
        pictures = picture_all(context, request.node.name)
        sys.stderr.write(f"pictures of the failed pages: {', '.join(map(str, pictures))}\n")
    context.close()


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
