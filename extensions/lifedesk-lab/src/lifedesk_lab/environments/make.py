"""Make an environment of one's own, see whether it can be used, remove it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from pathlib import Path

from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.places import DEFAULT, Environment, Image

DOOR = "lifedesk-pip"
"""The program in the image that pip is sent to (`lifedesk_lab.environments.door`), and the link to it."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def make(environment: Environment, image: Image) -> None:
    """Make `environment` over `image`, unless it is there; needs no network and about a tenth of a second.

    What another start left unfinished is removed first, and nothing half-made stays when it fails.
    Raises `OwnEnvironmentError`.
    """
    try:
        with _alone(environment.folder.parent):
            if environment.is_whole:
                return
            remove_folder(environment.folder)
            try:
                _fill(environment, image)
            except BaseException:
                remove_folder(environment.folder)
                raise
    except OSError as error:
        raise OwnEnvironmentError(f"The environment {environment.name!r} cannot be made: {in_words(error)}") from error


def check(environment: Environment) -> None:
    """See that the files an environment needs to start are there. Raises `OwnEnvironmentError`."""
    if not environment.is_whole:
        raise OwnEnvironmentError(
            f"There is no environment {environment.name!r} for this image. In a terminal, make it: "
            f"lifedesk-environment new {environment.name}"
        )
    if not os.access(environment.python, os.X_OK) or not list(environment.site_packages.glob("*-image.pth")):
        raise OwnEnvironmentError(
            f"The environment {environment.name!r} is damaged: its Python, or its link to the image, is gone. "
            f"In a terminal, make it anew with its packages: lifedesk-environment renew {environment.name}"
        )


def ready(environment: Environment, image: Image) -> None:
    """See that `environment` can be used, the default one made if need be. Raises `OwnEnvironmentError`."""
    if environment.name == DEFAULT and not environment.is_whole:
        make(environment, image)
    check(environment)


def remove(environment: Environment) -> None:
    """Remove an environment and its kernel. Raises `OwnEnvironmentError` when there is none."""
    if not os.path.lexists(environment.folder):
        raise OwnEnvironmentError(f"There is no environment {environment.name!r} here: {environment.folder}")
    remove_folder(environment.kernel_spec)
    remove_folder(environment.folder)


def remove_folder(folder: Path) -> None:
    """Remove `folder` and all in it, or the link or file that has its name; what is not there is no error."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def own_packages(environment: Environment) -> list[Distribution]:
    """What is installed in the environment itself, whichever Python it is for."""
    return list(distributions(path=[str(environment.site_packages)]))


def requirements(environment: Environment, with_versions: bool = True) -> list[str]:
    """What its user asked for by name, as lines of a requirements file, without what came along."""
    asked = [found for found in own_packages(environment) if found.read_text("REQUESTED") is not None]
    lines = {found.name: _requirement(found, with_versions) for found in asked}
    return [lines[name] for name in sorted(lines, key=str.lower)]


def in_words(error: OSError) -> str:
    """Why a file could not be written, with what to do where that is known."""
    if error.errno in _FULL:
        return "your home directory is full. Delete what you no longer need (du -sh ~/* ~/.[!.]* shows what is large)."
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}."


def _requirement(found: Distribution, with_versions: bool) -> str:
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        return f"-e {origin['url']}"
    if vcs := origin.get("vcs_info"):
        return f"{found.name} @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}"
    if origin:
        return f"{found.name} @ {origin['url']}"
    return f"{found.name}=={found.version}" if with_versions else found.name


def _fill(environment: Environment, image: Image) -> None:
    builder = venv.EnvBuilder(system_site_packages=True, symlinks=True, prompt=environment.name)
    builder.create(environment.folder)
    # Last of the .pth files, so that the image's packages come after all of one's own. With addsitedir, as the
    # image's .pth files count too.
    link = f"import site; site.addsitedir({str(image.site_packages)!r})\n"
    (environment.site_packages / "~-image.pth").write_text(link, encoding="utf-8")
    (environment.python.parent / DOOR).symlink_to(image.prefix / "bin" / DOOR)
    door = environment.python.parent / DOOR
    (environment.folder / "pip.conf").write_text(f"[global]\npython = {door}\n", encoding="utf-8")
    if environment.name != DEFAULT:
        _write_kernel_spec(environment, image)
    made = {"image": image.name, "python": ".".join(map(str, image.version))}
    environment.record.write_text(json.dumps(made) + "\n", encoding="utf-8")


def _write_kernel_spec(environment: Environment, image: Image) -> None:
    """Describe its kernel where a running JupyterLab finds it within a minute, or at once when its page is loaded."""
    from ipykernel.kernelspec import write_kernel_spec

    remove_folder(environment.kernel_spec)
    environment.kernel_spec.parent.mkdir(parents=True, exist_ok=True)
    argv = [str(image.python), "-P", "-m", "lifedesk_lab.environments.kernel", environment.name]
    changed = {"argv": [*argv, "-f", "{connection_file}"], "display_name": environment.title}
    write_kernel_spec(str(environment.kernel_spec), overrides=changed)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep two kernels that start at once from making the same environment twice. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
