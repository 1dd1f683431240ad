"""The programs a node needs from its operating system, and how they get there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from lifedesk_hub.errors import MissingPartError, NodeError

PACKAGES = {
    "dockerd": "docker.io",
    "iptables": "iptables",
    "iptables-restore": "iptables",
    "ip": "iproute2",
    "nginx": "nginx",
}
"""Program → the Debian and Ubuntu package that brings it."""
CLIENT_PACKAGES = ("docker-cli", "docker-buildx")
"""The client and its builder, where they are packages of their own; Debian 12's docker.io is complete without."""


def missing_packages() -> list[str]:
    """Packages to install so that every program is there."""
    missing = {package for program, package in PACKAGES.items() if _find(program) is None}
    clients = {found for found in ("/usr/bin/docker", _find("docker")) if found and Path(found).exists()}
    if not any(_can_build(client) for client in clients):
        missing |= {"docker.io", *CLIENT_PACKAGES}
    return sorted(missing)


def install(packages: list[str], may_install: Callable[[str], bool], note: Callable[[str], None]) -> list[str]:
    """Install Debian packages as root or through sudo; those of them that this release has.

    `may_install` is asked first, with the command. Raises `MissingPartError` with the command to run by hand where
    there is no apt, no right to use it, or no consent.
    """
    by_hand = f"apt-get install --no-install-recommends {' '.join(_offered(packages))}"
    sentence = f"Some programs are missing. Install them first, on Debian or Ubuntu as root: {by_hand}"
    privileged = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (privileged and not sudo_works()) or not may_install(by_hand):
        raise MissingPartError(sentence)
    environment = [*privileged, "env", "DEBIAN_FRONTEND=noninteractive"]
    note("reading package lists")
    _run([*environment, "apt-get", "update", "-qq"])
    offered = _offered(packages)
    note(f"installing {', '.join(offered)}")
    _run([*environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *offered])
    if "nginx" in offered:
        _stand_down("nginx", [*environment])
    return offered


def _stand_down(service: str, privileged: list[str]) -> None:
    """Keep a service that Debian starts with its package, on port 80, from running: the node runs its own."""
    for command in (["invoke-rc.d", service, "stop"], ["update-rc.d", service, "disable"]):
        subprocess.run([*privileged, *command], capture_output=True, check=False)


def _find(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _can_build(docker: str) -> bool:
    """Whether that client has BuildKit: built in before release 23, in a plugin since."""
    version = subprocess.run([docker, "--version"], capture_output=True, text=True, check=False).stdout
    release = re.search(r"version (\d+)\.", version)
    if release is not None and int(release[1]) < 23:
        return True
    return subprocess.run([docker, "buildx", "version"], capture_output=True, check=False).returncode == 0


def _offered(packages: list[str]) -> list[str]:
    """Those of the packages that this release has, as far as its package lists tell."""
    return [package for package in packages if package not in CLIENT_PACKAGES or _is_offered(package)]


def _is_offered(package: str) -> bool:
    return subprocess.run(["apt-cache", "show", package], capture_output=True, check=False).returncode == 0


def sudo_works() -> bool:
    """Whether this user may use sudo without a password."""
    return (
        shutil.which("sudo") is not None
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise NodeError(f"This command failed: {' '.join(command)}\n{tail}")
