"""What a Docker engine says it has, read from the answers of its API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lifedesk_hub.stock import ImageVersion

IMAGE_LABEL = "eu.lifedesk.image"
"""On an image: the folder of images/ it is a build of."""
RELEASE_LABEL = "org.opencontainers.image.version"
CREATED_LABEL = "org.opencontainers.image.created"
GPUS_LABEL = "eu.lifedesk.gpus"
"""On a container: the UUIDs of the GPUs it was given, with commas between."""
IN_USE = ("running", "paused", "restarting")
"""States of a container in which its GPUs are its own."""


def versions_in(answer: Iterable[Mapping[str, Any]], images: Mapping[str, str]) -> dict[str, tuple[ImageVersion, ...]]:
    """Name of each of our images → its builds, the newest first.

    `answer` is that of `GET /images/json`, `images` maps names to present references. What counts is the whole name of
    the repository: an image made elsewhere on top of ours has inherited our label.
    """
    found: dict[str, list[ImageVersion]] = {name: [] for name in images}
    for image in answer:
        labels = image.get("Labels") or {}
        for reference in image.get("RepoTags") or ():
            repository, _, tag = reference.rpartition(":")
            for name, present in images.items():
                if present.rpartition(":")[0] == repository and labels.get(IMAGE_LABEL) == name:
                    built = _built(labels, image)
                    found[name].append(ImageVersion(tag, reference, built, labels.get(RELEASE_LABEL, "")))
    return {
        name: tuple(sorted(versions, key=lambda version: version.built, reverse=True))
        for name, versions in found.items()
    }


def gpus_taken(answer: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The GPU of each use of one, by the labels in an answer of `GET /containers/json`."""
    for container in answer:
        if container.get("State") in IN_USE:
            uuids = (container.get("Labels") or {}).get(GPUS_LABEL, "")
            yield from (uuid for uuid in uuids.split(",") if uuid)


def device_request(uuids: Iterable[str]) -> dict[str, Any]:
    """Docker's request for those GPUs, as `docker run --gpus device=…` makes it (API 1.40 and later)."""
    return {"driver": "", "count": 0, "device_ids": list(uuids), "capabilities": [["gpu"]], "options": {}}


def _built(labels: Mapping[str, str], image: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(labels[CREATED_LABEL]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.fromtimestamp(float(image.get("Created") or 0), UTC)
