"""Where environments of one's own are: a folder in the home for each image and each minor version of Python.

What is built for one image need not run on another one, so each image has its own. In the home:

    ~/.local/share/lifedesk/environments/imaging-python3.13/   LIFEDESK_ENVIRONMENTS in a session
    ├── my-packages/      made by the first `pip install`
    ├── cells/            made by `lifedesk-environment new cells`
    └── .jupyter/kernels/ the kernels of the named ones, on JUPYTER_PATH
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from lifedesk_lab.environments.errors import OwnEnvironmentError

DEFAULT = "my-packages"
"""The environment that `pip` in a terminal or notebook installs to."""
VARIABLE = "LIFEDESK_ENVIRONMENTS"
IMAGE_NAME = Path("/opt/lifedesk/image")
"""Holds the name of the image; written when it is built."""
TERMINAL_PROGRAMS = Path("/opt/lifedesk/terminal")
"""The image's Python programs, each run with the environment that a terminal has."""
RECORD = "lifedesk.json"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_TAKEN = ("python3", "base", "image")


@dataclass(frozen=True)
class Image:
    """The environment that those of one's own lie over."""

    name: str
    prefix: Path
    version: tuple[int, int]
    """Major and minor version of Python."""

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return self.prefix / "lib" / f"python{self.version[0]}.{self.version[1]}" / "site-packages"


@dataclass(frozen=True)
class Environment:
    """One environment of one's own, there or not."""

    folder: Path
    version: tuple[int, int]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return self.folder / "lib" / f"python{self.version[0]}.{self.version[1]}" / "site-packages"

    @property
    def record(self) -> Path:
        """Written last: what has none was not finished."""
        return self.folder / RECORD

    @property
    def kernel_spec(self) -> Path:
        """The folder of its kernel's description; the default environment's is in the image."""
        return jupyter_path(self.folder.parent) / "kernels" / self.name

    @property
    def is_whole(self) -> bool:
        return self.record.is_file()

    @property
    def title(self) -> str:
        """What its kernel is called in JupyterLab."""
        return f"Python {self.version[0]} ({self.name.replace('-', ' ')})"


def this_image(prefix: Path = Path(sys.prefix)) -> Image:
    """The image whose Python runs this."""
    try:
        name = IMAGE_NAME.read_text(encoding="utf-8").strip()
    except OSError:
        name = "image"
    return Image(name, prefix, sys.version_info[:2])


def data_folder() -> Path:
    """Holds the environments of all images."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "lifedesk" / "environments"


def environments_folder(image: Image) -> Path:
    """Holds the environments that lie over `image`."""
    return data_folder() / f"{image.name}-python{image.version[0]}.{image.version[1]}"


def jupyter_path(folder: Path) -> Path:
    """Where Jupyter finds the kernels of the environments in `folder`."""
    return folder / ".jupyter"


def named(name: str, image: Image) -> Environment:
    """The environment of that name over `image`. Raises `OwnEnvironmentError` for a name that cannot be one."""
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise OwnEnvironmentError(
            f"{name!r} cannot name an environment. Use up to 32 small letters, digits and hyphens, beginning with a "
            f"letter; {', '.join(_TAKEN)} are taken."
        )
    return Environment(environments_folder(image) / name, image.version)


def all_environments() -> Iterator[tuple[str, Environment]]:
    """Every finished environment in the home with the name of the image it lies over, by name."""
    for record in sorted(data_folder().glob(f"*/*/{RECORD}")):
        image, _, version = record.parent.parent.name.rpartition("-python")
        found = re.fullmatch(r"(\d+)\.(\d+)", version)
        if found and not record.parent.name.startswith("."):
            yield image, Environment(record.parent, (int(found[1]), int(found[2])))


def show_to_session(variables: MutableMapping[str, str], image: Image) -> None:
    """Set the variables by which terminals find the environments, and Jupyter their kernels."""
    folder = environments_folder(image)
    variables.setdefault(VARIABLE, str(folder))
    others = variables.get("JUPYTER_PATH")
    variables["JUPYTER_PATH"] = os.pathsep.join([str(jupyter_path(folder)), *([others] if others else [])])


def activate(variables: MutableMapping[str, str], environment: Environment) -> None:
    """Set what a process needs to run the programs of `environment` first, as the venv's own `activate` does."""
    variables["VIRTUAL_ENV"] = str(environment.folder)
    path = variables.get("PATH", os.defpath)
    variables["PATH"] = os.pathsep.join([str(environment.python.parent), str(TERMINAL_PROGRAMS), path])
