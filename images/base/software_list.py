"""Print what is installed in this image as JSON: `software_list.py NAME`.

Debian packages are those the images ask for by name (/opt/lifedesk/debian/*.txt), not what these need;
Python packages are all of them.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

ASKED_FOR = Path("/opt/lifedesk/debian")


def debian_packages() -> dict[str, str]:
    """Name and version of each Debian package that an image of the line asks for."""
    lines = [line for file in sorted(ASKED_FOR.glob("*.txt")) for line in file.read_text().splitlines()]
    names = sorted({line.split("#")[0].strip() for line in lines} - {""})
    query = ["dpkg-query", "--show", "--showformat=${Package}\t${Version}\n", *names]
    found = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    return dict(sorted(line.split("\t", 1) for line in found.splitlines()))


def python_packages() -> dict[str, str]:
    """Name and version of each Python package in the virtual environment."""
    here = distributions(path=[sysconfig.get_path("purelib")])
    return dict(sorted((found.name.lower(), found.version) for found in here))


if __name__ == "__main__":
    listed = {
        "image": sys.argv[1],
        "debian": {"release": Path("/etc/debian_version").read_text().strip(), "packages": debian_packages()},
        "python": {"version": platform.python_version(), "packages": python_packages()},
    }
    sys.stdout.write(json.dumps(listed, indent=1) + "\n")
