"""What every `pip` of a session goes through: `lifedesk-pip RUNNER ARGUMENT…`.

pip's own setting `python` (in the pip.conf of the image and of each environment) makes pip call this in place of a
Python, with the file that runs pip and what the user typed. It leads to the environment of one's own, made when it
is not there, and takes care of three things around pip:

- downloads are unpacked in the home: /tmp is memory and too small for large packages;
- `--user`, out of habit, means the same as without;
- a full home, and a notebook that will not see the package, are told in a sentence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.make import check, in_words, make, remove_folder
from lifedesk_lab.environments.places import (
    DEFAULT,
    Environment,
    Image,
    all_environments,
    environments_folder,
    named,
    this_image,
)

_ELSEWHERE = ("-t", "--target", "--prefix", "--root", "--dry-run", "--help", "-h")
_FULL_BELOW_BYTES = 16 * 2**20
_LOOK_SECONDS = 0.2


def main() -> NoReturn:
    """Run pip as asked; ends with its status, or with 1 and a sentence."""
    image = this_image()
    arguments = sys.argv[1:]
    if os.access(image.site_packages, os.W_OK):  # the image is being built
        _become(image.python, arguments)
    try:
        sys.exit(run(arguments, _environment(Path(sys.argv[0]), image), image))
    except OwnEnvironmentError as error:
        _say(f"ERROR: {error}")
        sys.exit(1)


def run(arguments: Sequence[str], environment: Environment, image: Image) -> int:
    """Run pip for `environment`; its exit status. Raises `OwnEnvironmentError`."""
    installs = adds_packages(arguments[1:])
    is_new = not environment.is_whole
    if is_new:
        if not installs:
            _become(image.python, arguments)  # there is nothing but the image to list or check
        make(environment, image)
        _say(f"Your own packages go to a new environment, {environment.folder}")
    check(environment)
    command = [str(environment.python), *without_user(arguments)]
    if not installs:
        return _watched(command, environment, {})[0]
    with _room_to_unpack(environment) as room:
        status, least_free_bytes = _watched(command, environment, {"TMPDIR": str(room)})
    if status == 0:
        _tell_where(environment, is_new, image)
    elif least_free_bytes < _FULL_BELOW_BYTES:
        _say(f"ERROR: pip did not finish: {in_words(OSError(28, ''))} Then run the same command again.")
    return status


def adds_packages(words: Sequence[str]) -> bool:
    """Whether pip, called with these words, installs into the environment it runs in."""
    command = next((word for word in words if not word.startswith("-")), "")
    return command == "install" and not any(word.partition("=")[0] in _ELSEWHERE for word in words)


def without_user(words: Sequence[str]) -> list[str]:
    """The same words without --user: the environment is the user's own already."""
    return [word for word in words if word != "--user"]


def _environment(door: Path, image: Image) -> Environment:
    """The environment whose link `door` is, or the default one."""
    folder = door.parent.parent
    if folder.parent == environments_folder(image):
        return named(folder.name, image)
    return named(DEFAULT, image)


def _become(python: Path, arguments: Sequence[str]) -> NoReturn:
    os.execv(python, [str(python), *arguments])


@contextmanager
def _room_to_unpack(environment: Environment) -> Iterator[Path]:
    """A temporary folder on the disk of the home, removed in the end. Raises `OwnEnvironmentError`."""
    for left in environment.folder.glob(".pip-*"):
        if not Path("/proc", left.name.removeprefix(".pip-")).exists():
            shutil.rmtree(left, ignore_errors=True)  # of a session that was stopped in the middle
    folder = environment.folder / f".pip-{os.getpid()}"
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise OwnEnvironmentError(f"pip cannot work in {environment.folder}: {in_words(error)}") from error
    try:
        yield folder
    finally:
        remove_folder(folder)


def _watched(command: Sequence[str], environment: Environment, variables: Mapping[str, str]) -> tuple[int, int]:
    """Run `command`; its exit status, and the least room there was in the home meanwhile, in bytes."""
    least = shutil.disk_usage(environment.folder).free
    with subprocess.Popen(command, env={**os.environ, **variables}) as running:
        while running.poll() is None:
            try:
                running.wait(_LOOK_SECONDS)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):  # an interrupt reaches pip as well, which ends
                least = min(least, shutil.disk_usage(environment.folder).free)
        return running.returncode, least


def _tell_where(environment: Environment, is_new: bool, image: Image) -> None:
    is_in_kernel = "JPY_PARENT_PID" in os.environ
    if is_in_kernel and os.environ.get("VIRTUAL_ENV") != str(environment.folder):
        _say(
            f'Installed for the kernel "{environment.title}". This notebook runs the image\'s own Python, which does '
            "not see it: menu Kernel, Change Kernel…"
        )
    elif is_new and not is_in_kernel:
        _say(f'Notebooks see your packages with the kernel "{environment.title}"; terminals see them always.')
    older = [found for name, found in all_environments() if name == image.name and found.version != image.version]
    if is_new and any(found.name == environment.name for found in older):
        _say(f"Your packages for an earlier Python can be had here too: lifedesk-environment renew {environment.name}")


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
