"""A process beside the hub that sees to what must stay so: deleted people's homes go, the sessions' firewall stands."""

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
import requests

from lifedesk_hub.errors import LifedeskError
from lifedesk_hub.homes import Homes
from lifedesk_hub.node import firewall
from lifedesk_hub.node.engine import bridge_name, connect
from lifedesk_hub.node.state import STATE_VARIABLE, State

ROUND_SECONDS = 10.0

log = logging.getLogger("lifedesk.housekeeping")


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
        except (docker.errors.DockerException, requests.RequestException) as error:
            log.warning("Home %s: not removed, next try in %.0f s (%s)", volume, ROUND_SECONDS, error)
            continue
        else:
            log.info("Receipt: home %s removed for good", volume)
            removed.append(volume)
        homes.forget(volume)
    return removed


def keep_firewall(state: State) -> bool:
    """Put the sessions' firewall back if something took it away, such as a restart of the system's own firewall.

    Whether that was so. Raises `LifedeskError`.
    """
    deployment = state.deployment()
    if deployment is None:
        return False
    chains, bridge = firewall.chains_of(state.site(), deployment), bridge_name(deployment.network)
    if firewall.is_in_place(chains, bridge):
        return False
    firewall.apply(chains, bridge)
    log.warning("The sessions' firewall had been taken away by another program: put back")
    return True


def _round(state: State) -> None:
    try:
        keep_firewall(state)
        homes = Homes(state.root / "removals")
        if homes.due(time.time()) and (engine := connect()) is not None:
            with closing(engine):
                remove_due(homes, engine, time.time())
    except (LifedeskError, OSError) as error:
        log.error("%s Next try in %.0f s.", error, ROUND_SECONDS)


def main() -> None:
    """Look after the node, round by round, until the process is asked to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    state = State(Path(os.environ[STATE_VARIABLE]))
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    while not ending.is_set():
        _round(state)
        ending.wait(ROUND_SECONDS)


if __name__ == "__main__":
    main()
