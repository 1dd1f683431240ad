"""A process beside the hub that clears up what is due: the homes of people who were deleted."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import docker
import docker.errors

from lifedesk_hub.homes import Homes
from lifedesk_hub.node.engine import connect
from lifedesk_hub.node.state import STATE_VARIABLE, State

ROUND_SECONDS = 60.0

log = logging.getLogger("lifedesk.homes")


def remove_due(homes: Homes, engine: docker.DockerClient, now: float) -> list[str]:
    """Remove the homes that are due, a receipt line in the log for each; returns the volumes removed.

    A volume still in use stays for the next round.
    """
    removed = []
    for volume in homes.due(now):
        try:
            engine.volumes.get(volume).remove()
        except docker.errors.NotFound:
            log.info("Home %s: nothing left to remove", volume)
        except docker.errors.APIError as error:
            log.warning("Home %s: not removed, next try in a minute (%s)", volume, error.explanation or error)
            continue
        else:
            log.info("Receipt: home %s removed for good", volume)
            removed.append(volume)
        homes.forget(volume)
    return removed


def main() -> None:
    """Clear up every minute until the process is asked to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    state = State(Path(os.environ[STATE_VARIABLE]))
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    homes = Homes(state.root / "removals")
    while not ending.is_set():
        engine = connect()
        if engine is not None:
            with closing(engine):
                remove_due(homes, engine, time.time())
        ending.wait(ROUND_SECONDS)


if __name__ == "__main__":
    main()
