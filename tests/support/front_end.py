"""Run a script of a front end's package.json: `python -m tests.support.front_end SCRIPT`, in each of them.

With the Node.js of our locked packages, after installing what its lock file lists.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lifedesk_hub.node.nodejs import NODE, NPM, PROGRAMS, install_packages

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(file.parent for file in ROOT.glob("extensions/lifedesk-lab/*/package.json"))


def run_script(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """What the script of the package in `folder` printed, and its exit code."""
    install_packages(folder, lambda text: None, with_development=True)
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    command = [str(NODE), str(NPM), "run", "--if-present", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    """The number of packages whose script failed; what these printed goes to standard output."""
    failed = [done for folder in PACKAGES if (done := run_script(folder, sys.argv[1])).returncode]
    for done in failed:
        sys.stdout.write(f"{done.stdout}{done.stderr}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
