"""Make an environment anew from the list of what its user asked for."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.make import make, own_packages, remove_folder, requirements
from lifedesk_lab.environments.places import Environment, Image, all_environments


def source_of(environment: Environment, image: Image) -> Environment:
    """The environment whose packages to install: itself, else the newest of its name for another Python.

    Raises `OwnEnvironmentError` when there is none.
    """
    if environment.site_packages.is_dir():
        return environment
    same_name = [found for name, found in all_environments() if (name, found.name) == (image.name, environment.name)]
    if not same_name:
        raise OwnEnvironmentError(
            f"There is no environment {environment.name!r} to make anew. lifedesk-environment list shows what there is."
        )
    return max(same_name, key=lambda found: found.version)


def renew(environment: Environment, image: Image, say: Callable[[str], None]) -> None:
    """Make `environment` anew over `image` and install what its user had asked for; progress is pip's own.

    The same versions if they can be had together, else the newest ones. If neither can be installed, everything is
    as it was. Raises `OwnEnvironmentError`.
    """
    before = environment.folder.with_name(f".before-{environment.name}")
    if before.exists():  # an earlier renewal was ended in the middle
        _put_back(before, environment)
    source = source_of(environment, image)
    exact, newest = requirements(source), requirements(source, with_versions=False)
    if own_packages(source) and not exact:
        raise OwnEnvironmentError(
            f"{source.folder} does not say which packages were asked for by name, so they cannot be installed anew. "
            f"Remove it (lifedesk-environment remove {environment.name}) and install what you need."
        )
    say(f"Installing anew: {', '.join(exact) or 'nothing'}")
    if environment.folder.exists():
        environment.folder.rename(before)
    try:
        make(environment, image)
        if not (_installs(environment, exact) or _installs(environment, newest)):
            raise OwnEnvironmentError(
                f"The packages could not be installed, see above. {source.folder} is as it was. Its list, to try a "
                f"part of it with pip install: {' '.join(exact)}"
            )
    except BaseException:
        _put_back(before, environment)
        raise
    remove_folder(before)


def _put_back(before: Path, environment: Environment) -> None:
    remove_folder(environment.folder)
    if before.exists():
        before.rename(environment.folder)


def _installs(environment: Environment, lines: list[str]) -> bool:
    """Whether pip installs these requirements into `environment`."""
    if not lines:
        return True
    listed = Path(environment.folder, "requirements.txt")
    listed.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = [str(environment.python), "-m", "pip", "install", "-r", str(listed)]
    try:
        return subprocess.run(command, check=False).returncode == 0
    finally:
        listed.unlink()
