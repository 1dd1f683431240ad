"""Which of the node's images are being made right now.

Who makes them holds a lock on a file that names them; the system lets go of it whatever ends the process, so that
nothing is said to be under way for ever.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "images-being-made"


@contextmanager
def making_images(state: Path, names: Iterable[str]) -> Iterator[None]:
    """While this lasts, the images are being made; `state` is the node's folder."""
    with (state / FILE).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(json.dumps(sorted(names)))
        file.flush()
        yield


def images_being_made(state: Path) -> frozenset[str]:
    """Names of the images that are being made for the node of that folder."""
    try:
        with (state / FILE).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return frozenset(json.loads(file.read()))
    except (OSError, ValueError):
        pass
    return frozenset()
