"""The version of what holds a program, as installed in this image."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess

from lifedesk_lab.apps.model import DebianPackage, PythonPackage


def installed_version(package: PythonPackage | DebianPackage) -> str:
    """Its version as its makers call it. Raises `LookupError`, with a sentence, when it is not installed."""
    if isinstance(package, PythonPackage):
        try:
            return importlib.metadata.version(package.python)
        except importlib.metadata.PackageNotFoundError as error:
            raise LookupError(f"the Python package {package.python!r} is not installed in this image") from error
    return upstream_version(_dpkg_version(package.debian))


def upstream_version(debian_version: str) -> str:
    """Without Debian's epoch, revision and repacking: `1:3.1.0+dfsg-2+b1` → `3.1.0`.

    https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
    """
    without_epoch = debian_version.partition(":")[2] or debian_version
    upstream = without_epoch.rpartition("-")[0] or without_epoch
    return re.sub(r"[+~.](dfsg|ds|repack).*$", "", upstream)


def _dpkg_version(name: str) -> str:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    status, _, version = done.stdout.partition(" ")
    if done.returncode or status != "installed":
        raise LookupError(f"the Debian package {name!r} is not installed in this image")
    return version
