"""Run by an environment's own Python: `kernel_start.py IMAGE_PYTHON -f CONNECTION_FILE`; becomes its kernel.

A package of one's own can be newer than what the kernel works with. When the kernel cannot even be set up, the
image's takes its place and says so (`lifedesk_lab.environments.instead`). Nothing of ours is imported before that:
the link to the image may be what is broken.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Be the kernel until it is stopped."""
    image_python, *arguments = sys.argv[1:]
    sys.argv[1:] = arguments
    del sys.path[0]  # the folder of this file
    try:
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize()
    except Exception as error:  # whatever a package of one's own raises while the kernel imports it
        _run_instead(image_python, error, arguments)
    else:
        app.start()


def _run_instead(image_python: str, error: Exception, arguments: list[str]) -> None:
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    file = place.tb_frame.f_code.co_filename if place else "?"
    name = os.path.basename(os.environ.get("VIRTUAL_ENV", ""))  # noqa: PTH119  (no more imports than need be)
    os.environ["LIFEDESK_ENVIRONMENT_FAULT"] = (
        f"The environment {name!r} cannot start a kernel ({type(error).__name__}: {error}, in {file}). One of its "
        "packages does not fit. In a terminal, uninstall that package with pip, or start afresh: "
        f"lifedesk-environment remove {name}"
    )
    extension = "--InteractiveShellApp.extra_extensions=lifedesk_lab.environments.instead"
    os.execv(image_python, [image_python, "-m", "ipykernel_launcher", *arguments, extension])


if __name__ == "__main__":
    main()
