"""Hub side and images agree on what a session is: lifedesk_hub.singleuser against the built images themselves."""

from __future__ import annotations

import json
from datetime import datetime

import docker
import pytest

from lifedesk_hub import singleuser
from lifedesk_hub.engines import docker_stock
from lifedesk_hub.node.state import known_images


def in_image(engine: docker.DockerClient, image: str, *command: str) -> str:
    """What the command prints in a container of the image, as its own user."""
    printed: bytes = engine.containers.run(image, list(command), entrypoint=[], network_mode="none", remove=True)
    return printed.decode().strip()


@pytest.mark.parametrize("name", known_images())
def test_user_home_and_command_of_every_image_are_those_of_the_contract(
    name: str, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    image = image_tags[name]
    account = in_image(docker_engine, image, "getent", "passwd", singleuser.USER).split(":")
    assert [int(account[2]), int(account[3]), account[5]] == [singleuser.USER_ID, singleuser.GROUP_ID, singleuser.HOME]
    assert in_image(docker_engine, image, "id", "-un") == singleuser.USER
    assert in_image(docker_engine, image, "sh", "-c", f"command -v {singleuser.COMMAND[0]}")
    exposed = docker_engine.images.get(image).attrs["Config"]["ExposedPorts"]
    assert list(exposed) == [f"{singleuser.PORT}/tcp"]


@pytest.mark.parametrize("name", known_images())
def test_the_home_of_a_new_volume_belongs_to_the_user(
    name: str, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    owner = in_image(docker_engine, image_tags[name], "stat", "--format", "%u:%g", singleuser.HOME)
    assert owner == f"{singleuser.USER_ID}:{singleuser.GROUP_ID}"


@pytest.mark.parametrize("name", known_images())
def test_hub_and_sessions_run_the_same_release_of_jupyterhub(
    name: str, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    import jupyterhub

    program = "import jupyterhub; print(jupyterhub.__version__)"
    assert in_image(docker_engine, image_tags[name], "python", "-c", program) == jupyterhub.__version__


@pytest.mark.parametrize("name", known_images())
def test_the_hub_tells_the_builds_of_an_image_by_its_labels(
    name: str, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    answer = docker_engine.api.images(filters={"label": docker_stock.IMAGE_LABEL})
    versions = docker_stock.versions_in(answer, {name: image_tags[name]})[name]
    [present] = [version for version in versions if version.reference == image_tags[name]]
    labels = docker_engine.images.get(image_tags[name]).labels
    assert present.release == labels[docker_stock.RELEASE_LABEL] != ""
    assert present.built == datetime.fromisoformat(labels[docker_stock.CREATED_LABEL])


@pytest.mark.parametrize(("into", "out"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_desktop_reads_the_clipboard_directions_that_the_hub_writes(into: bool, out: bool) -> None:
    from lifedesk_hub.profiles import clipboard_directions
    from lifedesk_lab.desktop import settings
    from tests.support.site import small_site

    site = small_site(desktop={"clipboard": {"in": into, "out": out}})
    environment = {singleuser.CLIPBOARD_VARIABLE: clipboard_directions(site, site.profiles[0])}
    assert settings.CLIPBOARD_VARIABLE == singleuser.CLIPBOARD_VARIABLE
    assert settings.clipboard(environment) == settings.Clipboard(into=into, out=out)


def test_the_catalogue_reads_the_archive_settings_that_the_hub_writes(
    docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    from lifedesk_hub.config import session_archives
    from tests.support.site import a_deployment, small_site

    settings = json.dumps(session_archives(small_site(), a_deployment()))
    program = "import json, lifedesk_catalogue.settings as s; print(json.dumps(sorted(s.load_settings())))"
    printed = docker_engine.containers.run(
        image_tags["base"],
        ["python", "-c", program],
        environment={singleuser.ARCHIVES_VARIABLE: settings},
        network_mode="none",
        remove=True,
    )
    assert json.loads(printed) == ["bioimage-archive", "site"]
