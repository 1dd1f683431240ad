"""The images a node needs, built by images/build.py as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker
import docker.errors

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.state import REPOSITORY, known_images
from lifedesk_hub.site import Site

BUILD = REPOSITORY / "images" / "build.py"


def images_of(site: Site, added: Path | None = None) -> list[str]:
    """The images made here that the site's profiles start, parents first; `added` is the folder of those that the site
    adds."""
    wanted = {profile.image for profile in site.profiles}
    return [name for name in known_images(added) if name in wanted]


def images_from_elsewhere(site: Site, added: Path | None = None) -> list[str]:
    """The images that the site's profiles start and nobody makes here."""
    return sorted({profile.image for profile in site.profiles} - set(known_images(added)))


def present(client: docker.DockerClient, tags: Mapping[str, str]) -> dict[str, str]:
    """Those of the named images that are on this machine."""
    there = {tag for image in client.images.list() for tag in image.tags}
    return {name: tag for name, tag in tags.items() if tag in there}


def needed_first(names: Sequence[str], there: Collection[str], is_in_use: bool) -> list[str]:
    """Which of the images, parents first, a node waits for before its hub starts.

    A node in use goes on with what it has until all of them are made. Any other opens with those that are there, or
    with the first one: people can start something while the rest is made, which takes minutes each.
    """
    if is_in_use:
        return list(names)
    return [name for name in names if name in there] or list(names[:1])


def make_each(
    names: Iterable[str], archive: Path | None, note: Callable[[str], None], added: Path | None = None
) -> tuple[list[str], list[str]]:
    """Build or load the images one by one: names of those that were made, and why the others could not be."""
    made, faults = [], []
    for name in names:
        try:
            made += build([name], archive, note, added)
        except NodeError as error:
            faults.append(str(error))
    return made, faults


def fetch(elsewhere: Iterable[str], client: docker.DockerClient, note: Callable[[str], None]) -> list[str]:
    """Pull those of the images that are not on this machine; those that could not be had."""
    missing = []
    for image in elsewhere:
        try:
            client.images.get(image)
        except docker.errors.ImageNotFound:
            note(f"fetching {image}")
            try:
                client.images.pull(image)
            except docker.errors.APIError:
                missing.append(image)
    return missing


def image_tags(added: Path | None = None) -> dict[str, str]:
    """Image name → the tag its present recipe builds. Raises `NodeError`."""
    return _answer("tags", "--json", *_options(added))


def locked_packages(name: str) -> dict[str, str]:
    """Python package → version that is locked for one of our images. Raises `NodeError`."""
    return _answer("packages", name, "--json")


def _answer(*arguments: str) -> dict[str, str]:
    done = subprocess.run([sys.executable, str(BUILD), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeError(f"What the images are made of cannot be told: {done.stderr.strip()}")
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def _options(added: Path | None) -> list[str]:
    return ["--environments", str(added)] if added else []


def build(
    names: Iterable[str], archive: Path | None, note: Callable[[str], None], added: Path | None = None
) -> list[str]:
    """Build or load the images that are not there; the names of those that were made. Raises `NodeError`."""
    command = [sys.executable, str(BUILD), "build", *names, "--json", *_options(added)]
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
            text = str(event.get("text", ""))
            failure = f"Image {image} could not be built. {_reason(text)}{text}"
    if failure:
        raise NodeError(failure)
    return made


def _reason(text: str) -> str:
    """What a failed step's output comes to, where it is known."""
    if "No space left on device" in text:
        return "The disk is full: remove what is not needed (docker image prune), then try again.\n"
    if any(mark in text for mark in ("Failed to fetch", "dns error", "Temporary failure", "Could not resolve")):
        return "What it installs could not be fetched: look at this machine's network and proxy, then try again.\n"
    return ""


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
