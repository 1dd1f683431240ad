"""Images made for a test from one of ours, each with one thing changed in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import docker
import docker.errors

SERVER = "/opt/venv/bin/lifedesk-singleuser"


@contextmanager
def altered_image(engine: docker.DockerClient, parent: str, reference: str, script: str = "true") -> Iterator[str]:
    """An image called `reference`: `parent` after root ran the shell `script` in it; removed afterwards."""
    repository, _, tag = reference.rpartition(":")
    container = engine.containers.create(parent, ["sh", "-euc", script], user="0:0", network_mode="none")
    try:
        container.start()
        assert container.wait()["StatusCode"] == 0, container.logs().decode()
        configuration = engine.images.get(parent).attrs["Config"]
        container.commit(repository, tag, conf={"Cmd": configuration["Cmd"], "User": configuration["User"]})
    finally:
        container.remove(force=True)
    try:
        yield reference
    finally:
        remove_image(engine, reference)


def remove_image(engine: docker.DockerClient, reference: str) -> None:
    """Take the name away; containers of the image stay as they are."""
    with suppress(docker.errors.ImageNotFound):
        engine.images.remove(reference, force=True)


def replaced_server(script: str) -> str:
    """The shell script that puts another shell script in the place of the single-user server."""
    return f"printf '#!/bin/sh\\n%s\\n' '{script}' > {SERVER} && chmod 755 {SERVER}"
