"""The images a node needs, built by images/build.py as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import docker
import docker.errors

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.state import REPOSITORY, known_images
from lifedesk_hub.site import Site

BUILD = REPOSITORY / "images" / "build.py"


def images_of(site: Site) -> list[str]:
    """The images made here that the site's profiles start."""
    known = set(known_images())
    return sorted({profile.image for profile in site.profiles} & known)


def fetch_others(site: Site, client: docker.DockerClient, note: Callable[[str], None]) -> list[str]:
    """Pull the images made elsewhere that are not on this machine; those that could not be had."""
    known = set(known_images())
    missing = []
    for image in sorted({profile.image for profile in site.profiles} - known):
        try:
            client.images.get(image)
        except docker.errors.ImageNotFound:
            note(f"fetching {image}")
            try:
                client.images.pull(image)
            except docker.errors.APIError:
                missing.append(image)
    return missing


def image_tags() -> dict[str, str]:
    """Image name → the tag its present recipe builds."""
    done = subprocess.run([sys.executable, str(BUILD), "tags", "--json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeError(f"The images' tags could not be computed: {done.stderr.strip()}")
    tags: dict[str, str] = json.loads(done.stdout)
    return tags


def build(names: Iterable[str], archive: Path | None, note: Callable[[str], None]) -> list[str]:
    """Build or load the images that are not there; the names of those that were made. Raises `NodeError`."""
    command = [sys.executable, str(BUILD), "build", *names, "--json"]
    if archive is not None:
        command += ["--archive-dir", str(archive)]
    made: list[str] = []
    failure = ""
    for event in _events(command):
        image = event.get("image", "")
        if event["event"] == "step":
            note(f"{image}, step {event.get('step')} of {event.get('steps')}: {str(event.get('text', ''))[:60]}")
        elif event["event"] == "done":
            made.append(str(image))
        elif event["event"] == "failed":
            failure = f"Image {image} could not be built. {event.get('text', '')}"
    if failure:
        raise NodeError(failure)
    return made


def _events(command: list[str]) -> Iterator[dict[str, Any]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        failed = False
        for line in process.stdout:
            event: dict[str, Any] = json.loads(line)
            failed = failed or event["event"] == "failed"
            yield event
        errors = process.stderr.read()
    if process.returncode != 0 and not failed:
        raise NodeError(f"The images could not be built: {errors.strip()}")
