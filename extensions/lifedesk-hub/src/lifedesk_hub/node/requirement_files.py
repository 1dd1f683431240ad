"""Read what a site wants to add to an image: a pip requirements file, or the pip part of a conda environment file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from packaging.requirements import InvalidRequirement, Requirement

from lifedesk_hub.errors import NodeError

PYTHON = "3.13"
"""The Python in our images; requirements/lock locks for the same."""
_OWN_IN_CONDA = ("python", "pip", "ipykernel", "jupyterlab")
"""Conda packages that every image has in its own way."""
_OPTIONS = {
    "-r": "put the lines of that file here",
    "--requirement": "put the lines of that file here",
    "-c": "put the versions of that file here, as NAME==VERSION",
    "--constraint": "put the versions of that file here, as NAME==VERSION",
    "-e": "an image takes released packages only; build a wheel and publish it on the index this machine uses",
    "--editable": "an image takes released packages only; build a wheel and publish it on the index this machine uses",
    "-i": "the package index is the one this machine uses (pip.conf, UV_DEFAULT_INDEX)",
    "--index-url": "the package index is the one this machine uses (pip.conf, UV_DEFAULT_INDEX)",
    "--extra-index-url": "the package index is the one this machine uses (pip.conf, UV_DEFAULT_INDEX)",
}


def read_requirements(path: Path) -> list[str]:
    """The requirements in `path`, each as one line without comments and hashes.

    Raises `NodeError` with all lines that cannot be part of an image, and why.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise NodeError(f"{path} cannot be read: {reason}. Give the path of a requirements file.") from error
    lines = _of_conda(path, text) if path.suffix in (".yml", ".yaml") else _of_pip(text)
    found: list[str] = []
    faults: list[str] = []
    for place, line in lines:
        try:
            found.append(_requirement(line))
        except ValueError as error:
            faults.append(f"  {place}: {error}")
    if faults:
        raise NodeError("\n".join([f"{path} cannot become an image:", *faults]))
    if not found:
        raise NodeError(f"{path} asks for nothing. Write one package a line, such as: humanize>=4")
    return found


def _requirement(line: str) -> str:
    """The line itself. Raises `ValueError` with the reason why it cannot be part of an image."""
    option = re.split(r"[\s=]", line, maxsplit=1)[0]
    if line.startswith("-"):
        raise ValueError(
            f"{line!r}: {_OPTIONS.get(option, 'options of pip have no meaning here; leave the line out')}."
        )
    if re.match(r"(git|hg|svn|bzr)\+|https?://|file:|\.{0,2}/|.*\.(whl|tar\.gz|zip)$", line):
        raise ValueError(f"{line!r}: {_OPTIONS['-e']}.")
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise ValueError(
            f"{line!r} is no requirement ({str(error).splitlines()[0]}). Write such as: humanize>=4,<5"
        ) from error
    if requirement.url:
        raise ValueError(f"{line!r}: {_OPTIONS['-e']}.")
    return str(requirement)


def _of_pip(text: str) -> Iterator[tuple[str, str]]:
    """Place and content of each requirement; a backslash at the end of a line continues it."""
    number, start, whole = 0, 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start if whole else number
        whole += re.sub(r"(^|\s)#.*$", "", line)
        if whole.endswith("\\"):
            whole = f"{whole[:-1]} "
            continue
        if content := re.sub(r"--hash[ =]\S+", "", whole).strip():
            yield f"line {start}", content
        whole = ""
    if whole.strip():
        yield f"line {number}", whole.strip()


def _of_conda(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """The requirements under `pip:`. Raises `NodeError` for what only conda can install."""
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise NodeError(f"{path} is no YAML: {str(error).splitlines()[0]}.") from error
    parts = values.get("dependencies") if isinstance(values, dict) else None
    if not isinstance(parts, list):
        raise NodeError(f"{path} is no conda environment file: it has no list named `dependencies`.")
    foreign = list(_foreign(parts))
    if foreign:
        raise NodeError(
            f"{path} asks conda for {', '.join(foreign)}. Our images are made of PyPI and Debian packages, whose names "
            "and builds differ from conda's, so these cannot be taken over unseen. Look them up on PyPI and write them "
            "under `pip:`, or into a requirements.txt."
        )
    for part in parts:
        for line in part.get("pip") or [] if isinstance(part, dict) else []:
            yield "under pip:", str(line)


def _foreign(parts: Iterable[object]) -> Iterator[str]:
    """What of a conda file's dependencies is neither under `pip:` nor in every image."""
    for part in parts:
        if isinstance(part, dict):
            yield from (f"{key}:" for key in part if key != "pip")
            continue
        name, _, version = str(part).strip().rpartition("::")[2].partition("=")
        bare = re.split(r"[\s<>!~]", name)[0].lower()
        wanted = re.search(r"\d+(\.\d+)?", f"{name.removeprefix(bare)}{version}")
        fits = bare != "python" or wanted is None or PYTHON.startswith(wanted[0])
        if bare not in _OWN_IN_CONDA or not fits:
            yield str(part)
