"""Run what takes time beside the kernel, and turn what goes wrong there into a sentence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from lifedesk_catalogue.errors import CatalogueError

logger = logging.getLogger(__name__)


def in_background(work: Callable[[], None], on_fault: Callable[[str], None], name: str) -> threading.Thread:
    """Start `work` in a thread that ends with the kernel; `on_fault` gets the sentence to show if it fails.

    What this package raises on purpose speaks for itself. Anything else is a fault of ours: the log gets all of it,
    the user what to do.
    """

    def run() -> None:
        try:
            work()
        except CatalogueError as error:
            on_fault(str(error))
        except Exception as error:  # the outer edge of the thread: nobody else would hear of it
            logger.exception("%s failed", name)
            on_fault(
                f"This did not work because of a fault in the catalogue browser ({type(error).__name__}). "
                "Try again; if it stays, tell whoever runs this node."
            )

    thread = threading.Thread(target=run, name=f"lifedesk-{name}", daemon=True)
    thread.start()
    return thread
