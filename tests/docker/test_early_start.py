"""A node that is brought up without its images: open as soon as the first is there, the rest said to be coming."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest
import yaml

from tests.support.altered_images import remove_image
from tests.support.node import REPOSITORY, Node, logged_in, removed_at_end, words_of
from tests.support.waiting import wait_until

LINKED = (".venv", "requirements/proxy/node_modules", "extensions/demo-login/node_modules")
"""What a first `up` installs: not copied, for it is large and stays as it is."""
SLOW = "ARG PARENT=lifedesk/base\nFROM ${{PARENT}}\nRUN echo {nonce} && sleep 20\n"
FAILING = "ARG PARENT=lifedesk/base\nFROM ${PARENT}\nRUN echo out of flour && false\n"


@pytest.fixture
def repository(tmp_path: Path, docker_engine: docker.DockerClient, image_tags: dict[str, str]) -> Iterator[Path]:
    """A copy of the repository with an image that takes its time and one that cannot be built; base is there."""
    copy = tmp_path / "repository"
    left_out = shutil.ignore_patterns(".git", ".venv*", "node_modules", "__pycache__", ".*_cache")
    shutil.copytree(REPOSITORY, copy, ignore=left_out, symlinks=True)
    for path in LINKED:
        (copy / path).symlink_to((REPOSITORY / path).resolve())
    for name, text in (("slow", SLOW.format(nonce=uuid.uuid4().hex)), ("failing", FAILING)):
        (copy / "images" / name).mkdir()
        (copy / "images" / name / "Dockerfile").write_text(text)
    site = yaml.safe_load((copy / "lifedesk.yaml").read_text())
    base = next(profile for profile in site["profiles"] if profile["slug"] == "base")
    others = [{**base, "slug": name, "display_name": name.title(), "image": name} for name in ("slow", "failing")]
    (copy / "lifedesk.yaml").write_text(yaml.safe_dump({**site, "profiles": [*others, base]}))
    yield copy
    for image in docker_engine.images.list("lifedesk/slow"):
        for tag in image.tags:
            remove_image(docker_engine, tag)


@contextmanager
def coming_up(repository: Path, state: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`./lifedesk up` in that repository, under way."""
    command = [str(repository / "lifedesk"), "up", "--yes", "--port", "0", "--state", str(state)]
    with removed_at_end(state), log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)


def test_people_start_what_is_there_while_the_rest_is_made_and_one_image_that_fails_stops_nothing_else(
    repository: Path, short_folder: Path, tmp_path: Path
) -> None:
    log = tmp_path / "up.log"
    with coming_up(repository, short_folder, log) as up:
        wait_until(lambda: "is open. Being made meanwhile: " in log.read_text(), "the node did not open", 120)
        node = Node(short_folder, Node.url_of(short_folder))
        with logged_in(node, "researcher") as person:
            assert "Being built" in words_of(person.web.get("/hub/spawn").text)
            told = person.failed_start(profile="slow", size="small")
            assert "The image of Slow is still being made. Try again in some minutes." in told
            assert "Images being made: failing, slow" in node.command("status").output
            person.start_and_wait(profile="base", size="small")
            assert person.can_use_session()
            assert up.poll() is None, "the image was made before anybody could look"
            assert wait_until(lambda: up.poll() is not None, "up did not end", timeout_seconds=180)
            assert up.returncode == 1, log.read_text()
            assert "Image failing could not be built." in log.read_text()
            assert f"The node runs without: {node.url}." in log.read_text()
            assert person.can_use_session()
            person.stop()
            form = words_of(person.web.get("/hub/spawn").text)
            assert "Being built" not in form
            assert "Its image is not on this node" in form
            person.start_and_wait(profile="slow", size="small")
