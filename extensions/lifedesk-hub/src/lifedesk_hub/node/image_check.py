"""See whether sessions can start from an image, before anybody tries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import docker
import docker.errors

from lifedesk_hub.engines.docker import container_settings
from lifedesk_hub.singleuser import COMMAND, GROUP_ID, HOME, USER_ID
from lifedesk_hub.site import Limits

_INSIDE = Path(__file__).with_name("inside_image.py")


def faults(client: docker.DockerClient, tag: str, packages: Iterable[str] = ()) -> list[str]:
    """What is wrong with the image `tag`, a sentence each: whether `packages` can be imported and all of them agree,
    and whether the server starts under the limits of a session. It is run once, without network and home.

    Raises `docker.errors.DockerException` when the image cannot be run.
    """
    if (missing := lacks_server(client, tag)) is not None:
        return [missing]
    command = ["python", "-c", _INSIDE.read_text(encoding="utf-8"), *packages]
    printed = _run(client, tag, command)
    return [_sentence(json.loads(line)) for line in printed.splitlines() if line.startswith("{")]


def look_at(client: docker.DockerClient | None, tags: Iterable[str]) -> tuple[list[str], list[str]]:
    """What is wrong with those of the images that are on this machine, and those that are not."""
    unfit: list[str] = []
    unseen: list[str] = []
    for tag in tags:
        if client is None or not _is_here(client, tag):
            unseen.append(tag)
        elif fault := lacks_server(client, tag):
            unfit.append(fault)
    return unfit, unseen


def _is_here(client: docker.DockerClient, tag: str) -> bool:
    try:
        client.images.get(tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def lacks_server(client: docker.DockerClient, tag: str) -> str | None:
    """The sentence to show when the image `tag` has no single-user server, None when it has one."""
    try:
        _run(client, tag, ["sh", "-c", f"command -v {COMMAND[0]}"])
    except docker.errors.ContainerError:
        pass
    except docker.errors.APIError:  # not even a shell
        pass
    else:
        return None
    return (
        f"The image {tag} has no single-user server: the program {COMMAND[0]} is missing in it, so no session can "
        "start from it. Build it on one of ours (FROM lifedesk/base:…)."
    )


def _sentence(fault: dict[str, str]) -> str:
    said = fault["said"]
    if fault["about"] == "import":
        library = " It needs a library of the system; choose an image that has it with --on." if ".so" in said else ""
        return f"{fault['what']} is installed but cannot be imported: {said}.{library}"
    if fault["about"] == "check":
        return f"Its packages contradict each other: {said}"
    return f"The single-user server does not start with these packages: {said}"


def _run(client: docker.DockerClient, tag: str, command: list[str]) -> str:
    """What the command prints in a container as hardened as a session's, with an empty home."""
    settings = container_settings(Limits())
    settings["tmpfs"] = {**settings["tmpfs"], HOME: f"rw,exec,nosuid,nodev,size=256m,uid={USER_ID},gid={GROUP_ID}"}
    del settings["auto_remove"], settings["log_config"]
    user = f"{USER_ID}:{GROUP_ID}"
    output: bytes = client.containers.run(
        tag, command, entrypoint=[], remove=True, network_mode="none", user=user, **settings
    )
    return output.decode(errors="replace")
