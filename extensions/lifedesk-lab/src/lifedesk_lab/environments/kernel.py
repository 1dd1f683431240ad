"""Start the kernel of an environment: `python -m lifedesk_lab.environments.kernel NAME -f CONNECTION_FILE`.

The image's Python runs this, makes the default environment when it is not there, and becomes the environment's
Python. When the environment cannot be used, it becomes the image's own kernel instead, which says why at its first
cell: a person whose packages are broken still has a notebook to mend them from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.make import ready
from lifedesk_lab.environments.places import activate, named, this_image

START = Path(__file__).with_name("kernel_start.py")
FAULT = "LIFEDESK_ENVIRONMENT_FAULT"
"""Why the image's kernel runs in place of the environment's."""
INSTEAD = "lifedesk_lab.environments.instead"


def main() -> NoReturn:
    """Become the kernel."""
    name, *arguments = sys.argv[1:]
    image = this_image()
    try:
        environment = named(name, image)
        ready(environment, image)
    except OwnEnvironmentError as error:
        run_instead(image.python, str(error), arguments)
    activate(os.environ, environment)
    python = str(environment.python)
    os.execv(python, [python, str(START), str(image.python), *arguments])


def run_instead(python: Path, fault: str, arguments: Sequence[str]) -> NoReturn:
    """Become the image's kernel, which tells `fault` at its first cell."""
    os.environ[FAULT] = fault
    options = [f"--InteractiveShellApp.extra_extensions={INSTEAD}"]
    os.execv(python, [str(python), "-m", "ipykernel_launcher", *arguments, *options])


if __name__ == "__main__":
    main()
