"""What the parts of the `lifedesk` command share: options, output, the node they are about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lifedesk_hub.errors import LifedeskError
from lifedesk_hub.node.state import REPOSITORY, State, default_state_folder

EXAMPLE_SITE = REPOSITORY / "lifedesk.yaml"

out = Console()
err = Console(stderr=True)

StateOption = Annotated[
    Path | None,
    typer.Option("--state", help="Folder that holds all of the node. Default: lifedesk in the XDG state directory."),
]
SiteOption = Annotated[Path | None, typer.Option("--site", help="Site file. Default: the one in use, else the demo.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]


def state_in(folder: Path | None) -> State:
    """The state of the node whose folder was given, or of the default one."""
    return State((folder or default_state_folder()).expanduser().resolve())


def site_in_use(state: State) -> Path:
    """The site file of the node, or the demo's if it never ran. Raises `LifedeskError`."""
    known = state.site_file()
    if known is not None and not known.is_file():
        raise LifedeskError(
            f"The site file of this node is not there any more: {known}. Put it back, or name another with --site."
        )
    return known or EXAMPLE_SITE


def delegate(command: list[str]) -> None:
    """Run a program of the repository in our place; its exit status is ours."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])}
    sys.exit(subprocess.run(command, check=False, env=environment).returncode)
