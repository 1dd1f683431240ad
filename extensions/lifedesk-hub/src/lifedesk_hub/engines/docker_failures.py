"""Why a container did not start, or ended: from what Docker says to what its person is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import docker.errors
import requests

from lifedesk_hub.singleuser import COMMAND, PORT

ENGINE_ERRORS = (docker.errors.APIError, docker.errors.DockerException, requests.RequestException)
"""What a call of Docker's client raises, an engine that does not answer included."""
_NO_GPU_DRIVER = "could not select device driver"
_KILLED = 137  # 128 and the number of SIGKILL
_NO_PROGRAM = (126, 127)
"""With these Docker's init, as any shell, ends when the program is not there or cannot be executed."""


@dataclass(frozen=True)
class Failure:
    """What went wrong: a short label for the metrics, and sentences for the person."""

    reason: str
    sentence: str


@dataclass(frozen=True)
class Session:
    """What a failure says of the session."""

    environment: str
    image: str
    memory_bytes: int | None
    is_being_made: bool = False
    """Whether the image is being built or loaded."""


def refused_start(error: Exception, session: Session) -> Failure:
    """Why the engine refused to make or start the container, from the error that its client raised."""
    told = str(getattr(error, "explanation", "") or "")
    if isinstance(error, docker.errors.ImageNotFound) or "No such image" in told:
        if session.is_being_made:
            return Failure(
                "image", f"The image of {session.environment} is still being made. Try again in some minutes."
            )
        return Failure("image", f"The image of {session.environment} is not on this node.")
    if _NO_GPU_DRIVER in told:
        return Failure("gpu", "This node's container engine cannot hand a GPU to your session.")
    sentence = "The node's container engine did not start your session. Nothing of yours is lost."
    return Failure("engine", f"{sentence} Try again in a minute.")


def ended_start(state: Mapping[str, Any], session: Session) -> Failure:
    """Why the server ended before it took connections, from the `State` of its container."""
    if is_out_of_memory(state):
        return Failure(
            "memory", f"Your server needed more than its {memory_words(session)}memory to start. Choose a larger size."
        )
    if state.get("ExitCode") in _NO_PROGRAM:
        return Failure(
            "image",
            f"The image {session.image} of {session.environment} has no single-user server: the program {COMMAND[0]} "
            "is missing in it or cannot be run, so no session can start from it.",
        )
    return Failure(
        "server",
        f"Your server ended while it started (exit code {state.get('ExitCode')}): something is wrong with the image "
        f"{session.image} of {session.environment}.",
    )


def silent_start(seconds: float, session: Session) -> Failure:
    """What to say of a server that runs and takes no connections."""
    return Failure(
        "server",
        f"Your session ran for {seconds:.0f} seconds without taking connections at port {PORT}, so it was ended: the "
        f"node is overloaded, or the image {session.image} of {session.environment} has no server that listens there.",
    )


def is_out_of_memory(state: Mapping[str, Any]) -> bool:
    """Whether the container ended because its memory was used up, by its `State`."""
    # OOMKilled alone also tells of a kernel that died earlier, in a session that was then stopped in some other way.
    return bool(state.get("OOMKilled")) and state.get("ExitCode") == _KILLED


def memory_words(session: Session) -> str:
    """The session's memory, to stand before that word: `2 GB of `; empty without a limit."""
    return f"{session.memory_bytes / 2**30:.3g} GB of " if session.memory_bytes else ""
