"""IPython extension of the kernel that runs in place of an environment's: its first cell says so."""

from __future__ import annotations

import os
import sys

from IPython.core.interactiveshell import InteractiveShell

from lifedesk_lab.environments.kernel import FAULT


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Print the fault above the first cell's own output."""

    def tell(info: object) -> None:
        shell.events.unregister("pre_run_cell", tell)
        sentence = "This notebook runs with the image's packages only, without yours."
        sys.stderr.write(f"{os.environ.get(FAULT, '')}\n{sentence}\n\n")
        sys.stderr.flush()  # so that it stands above what the cell prints

    shell.events.register("pre_run_cell", tell)
