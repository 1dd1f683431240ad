"""A process beside the hub that clears up what is due: the homes of people who were deleted."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from pathlib import Path

from lifedesk_hub.homes import Homes
from lifedesk_hub.node.engine import connect
from lifedesk_hub.node.state import STATE_VARIABLE, State

ROUND_SECONDS = 60.0


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
            homes.remove_due(engine, time.time())
        ending.wait(ROUND_SECONDS)


if __name__ == "__main__":
    main()
