"""The programs a node needs from its operating system, and how they get there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

from lifedesk_hub.errors import MissingPartError, NodeError

PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "iptables": "iptables",
    "iptables-restore": "iptables",
    "ip": "iproute2",
}
"""Program → the Debian and Ubuntu package that brings it."""


def missing_packages() -> list[str]:
    """Packages to install so that every program is there."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return sorted({package for program, package in PACKAGES.items() if shutil.which(program, path=path) is None})


def install(packages: list[str], may_install: Callable[[str], bool], note: Callable[[str], None]) -> None:
    """Install Debian packages as root or through sudo.

    `may_install` is asked first, with the command. Raises `MissingPartError` with the command to run by hand where
    there is no apt, no right to use it, or no consent.
    """
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    sentence = (
        f"These packages are missing: {', '.join(packages)}. Install them first, on Debian or Ubuntu as root: {by_hand}"
    )
    privileged = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (privileged and not _sudo_works()) or not may_install(by_hand):
        raise MissingPartError(sentence)
    environment = [*privileged, "env", "DEBIAN_FRONTEND=noninteractive"]
    note("reading package lists")
    _run([*environment, "apt-get", "update", "-qq"])
    note(f"installing {', '.join(packages)}")
    _run([*environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def _sudo_works() -> bool:
    return (
        shutil.which("sudo") is not None
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise NodeError(f"This command failed: {' '.join(command)}\n{tail}")
