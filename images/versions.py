"""The versions of our images on this machine: which there are, and which may go."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from images.engine import EngineError
from images.plan import OWN

_LABEL = "eu.lifedesk.image"
_VERSION = "org.opencontainers.image.version"


@dataclass(frozen=True)
class Version:
    """A tagged image of ours that the engine has."""

    name: str
    tag: str
    image_id: str
    created: str  # ISO 8601, UTC
    release: str
    size_bytes: int


def on_this_machine(docker: str) -> list[Version]:
    """All versions of all our images, the newest first."""
    listed = _lines([docker, "image", "ls", "--no-trunc", "--quiet", "--filter", f"label={_LABEL}"])
    if not listed:
        return []
    found = json.loads("".join(_lines([docker, "image", "inspect", *dict.fromkeys(listed)])))
    versions = [
        Version(labels[_LABEL], tag, image["Id"], image["Created"], labels.get(_VERSION, ""), image["Size"])
        for image in found
        for labels in [image["Config"]["Labels"]]
        for tag in image["RepoTags"] or []
        if tag.startswith(f"{OWN}{labels[_LABEL]}:")
    ]
    return sorted(versions, key=lambda version: version.created, reverse=True)


def in_use(docker: str) -> set[str]:
    """The images, by id, of all containers that there are, running or not."""
    containers = _lines([docker, "container", "ls", "--all", "--quiet", "--no-trunc"])
    if not containers:
        return set()
    command = [docker, "container", "inspect", "--format", "{{.Image}}", *containers]
    # One of them may have been removed in between, which is no error here.
    return set(subprocess.run(command, capture_output=True, text=True, check=False).stdout.split())


def to_remove(
    versions: Iterable[Version], keep: int, present: Collection[str], wanted: Collection[str], used: Collection[str]
) -> list[Version]:
    """The versions that may go, of `versions` with the newest first.

    What stays of each image: the `present` tag and the `keep` newest besides, the tags that are `wanted`, and those
    whose image a container is made from (`used`, image ids).
    """
    going: list[Version] = []
    kept: dict[str, int] = {}
    for version in versions:
        if version.tag in present:
            continue
        kept[version.name] = kept.get(version.name, 0) + 1
        if kept[version.name] > keep and version.tag not in wanted and version.image_id not in used:
            going.append(version)
    return going


def remove(docker: str, tag: str) -> None:
    """Remove a tag, and the image with it when it has no other. Raises `EngineError` when the engine refuses."""
    done = subprocess.run([docker, "image", "rm", tag], capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"{tag} could not be removed: {done.stderr.strip()}")


def _lines(command: Sequence[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"{' '.join(command[1:4])} … failed: {done.stderr.strip()}")
    return done.stdout.splitlines()
