"""What images there are, what each is made of, in which order they are built and what they are called.

Everything here is computed from files; nothing asks Docker. An image is a folder of `images/` with a
Dockerfile. Its parent is the default of the Dockerfile's `ARG PARENT`, which all its stages start from, and
what it is made of are the files that Dockerfile copies or mounts. The tag holds the first 12 hex digits of a
hash over all of that, the labels and the parent's recipe: equal tags mean equal recipes, and the build is
given these files and no others.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from images import bootstrap

OWN = "lifedesk/"
LEFT_OUT = ("__pycache__", ".*", "*.pyc", "*.egg-info", "node_modules", "build-output", "dist")
_RECIPE_DIGITS = 12


class PlanError(ValueError):
    """An image's folder cannot be understood, or an image is asked for that does not exist."""


@dataclass(frozen=True)
class Dockerfile:
    """What a Dockerfile says about where its image comes from."""

    parent: str
    sources: tuple[str, ...]  # paths in the repository, as written
    steps: int


@dataclass(frozen=True)
class Image:
    """One image: what to build it from and what it will be called."""

    name: str
    parent: str
    folders: tuple[str, ...]  # in the repository; copied with what is in them, even nothing
    files: tuple[Path, ...]  # in the repository, sorted
    labels: Mapping[str, str]
    steps: int
    recipe: str
    dockerfile: str  # path in the repository
    given: Mapping[str, str] = field(default_factory=dict)  # path in the build → text that is not in the repository

    @property
    def tag(self) -> str:
        return f"{OWN}{self.name}:{self.recipe}"

    @property
    def parent_name(self) -> str | None:
        """The image of ours that this one is built on; None for one that starts from a Debian image."""
        return self.parent.removeprefix(OWN) if self.parent.startswith(OWN) else None


def read_images(root: Path) -> dict[str, Image]:
    """All images of the repository at `root`, parents before children.

    Raises `PlanError` for a Dockerfile that does not follow the rules above, an unknown parent or a circle.
    """
    dockerfiles = _read_dockerfiles(root)
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    images: dict[str, Image] = {}
    for name in build_order({name: found.parent for name, found in dockerfiles.items()}):
        parent = images.get(dockerfiles[name].parent.removeprefix(OWN))
        images[name] = _image(root, name, dockerfiles[name], parent, str(version))
    return images


def read_ancestors(root: Path) -> dict[str, list[str]]:
    """Each image of the repository with those of ours that it stands on, the nearest first.

    Raises `PlanError` for a Dockerfile without a parent, an unknown parent or a circle.
    """
    parents = {name: dockerfile.parent for name, dockerfile in _read_dockerfiles(root).items()}
    ancestors: dict[str, list[str]] = {}
    for name in build_order(parents):
        parent = parents[name].removeprefix(OWN)
        ancestors[name] = [parent, *ancestors[parent]] if parent in parents else []
    return ancestors


def with_parents(images: Mapping[str, Image], names: Sequence[str]) -> list[Image]:
    """The named images and all they are built on, parents first; all images when no name is given.

    Raises `PlanError` for a name that no image has.
    """
    wanted: set[str] = set()
    for name in names or list(images):
        if name not in images:
            raise PlanError(f"There is no image {name!r}. There are: {', '.join(images)}.")
        step: str | None = name
        while step is not None:
            wanted.add(step)
            step = images[step].parent_name
    return [image for image in images.values() if image.name in wanted]


def build_order(parents: Mapping[str, str]) -> list[str]:
    """The names, each after its parent. Raises `PlanError` for a circle or a parent nobody has."""
    order: list[str] = []
    for start in parents:
        chain: list[str] = []
        name = start
        while name not in order:
            if name in chain:
                circle = " → ".join([*chain[chain.index(name) :], name])
                raise PlanError(
                    f"These images are built on each other in a circle: {circle}. Change the PARENT of one of them."
                )
            chain.append(name)
            if not parents[name].startswith(OWN):
                break
            parent = parents[name].removeprefix(OWN)
            if parent not in parents:
                known = ", ".join(parents)
                raise PlanError(
                    f"images/{name}/Dockerfile: there is no image {parent!r} to build on. There are: {known}."
                )
            name = parent
        order.extend(reversed(chain))
    return order


def _read_dockerfiles(root: Path) -> dict[str, Dockerfile]:
    return {
        file.parent.name: read_dockerfile(file.read_text(encoding="utf-8"), f"images/{file.parent.name}/Dockerfile")
        for file in sorted(root.glob("images/*/Dockerfile"))
    }


def read_dockerfile(text: str, where: str, given: Sequence[str] = ()) -> Dockerfile:
    """Parent, sources and number of steps of a Dockerfile; `where` names it in a `PlanError`.

    What is copied from the folders `given` is no source of the repository's.
    """
    parent = None
    sources: list[str] = []
    stages: set[str] = set()
    steps = 0
    for words in _instructions(text):
        instruction, arguments = words[0].upper(), words[1:]
        if instruction == "ARG" and not stages and arguments[0].startswith("PARENT="):
            parent = arguments[0].removeprefix("PARENT=")
        elif instruction == "FROM":
            if arguments[0] != "${PARENT}" and arguments[0] not in stages:
                raise PlanError(
                    f"{where}: FROM {arguments[0]}. Write FROM ${{PARENT}}, so that the plan knows the parent."
                )
            steps += not stages  # all stages start from one and the same step
            stages.add(arguments[-1])
        elif instruction in ("COPY", "ADD", "RUN", "WORKDIR"):
            steps += 1
            found = _sources(instruction, arguments, where)
            sources += [source for source in found if source.partition("/")[0] not in given]
    if parent is None:
        raise PlanError(f"{where}: no line ARG PARENT=<image> before FROM. It names the image to build on.")
    return Dockerfile(parent, tuple(dict.fromkeys(sources)), steps)


def source_files(root: Path, sources: Sequence[str], where: str) -> tuple[Path, ...]:
    """The files below `sources`, without those that no image needs (`LEFT_OUT`)."""
    found: set[Path] = set()
    for source in sources:
        path = root / source
        if not path.exists():
            raise PlanError(f"{where}: {source!r} is copied but is not in the repository.")
        found.update(_files_below(path) if path.is_dir() else [path])
    return tuple(sorted(found))


def _files_below(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _is_left_out(name)]  # never walked: they are large
        yield from (file for name in files if not _is_left_out(name) and (file := Path(path, name)).is_file())


def software(root: Path, name: str) -> dict[str, str]:
    """The Python packages `requirements/NAME.in` asks for, with the versions that are locked.

    Raises `PlanError` when the lock file does not hold one of them.
    """
    wanted = set(_asked_for(root / "requirements", f"{name}.in"))
    if not wanted:
        return {}
    lock = root / "requirements" / f"{name}.txt"
    text = lock.read_text(encoding="utf-8") if lock.exists() else ""
    locked = pins(text)
    missing = sorted(wanted - set(locked))
    if missing:
        raise PlanError(f"requirements/{name}.txt does not hold {', '.join(missing)}. Run requirements/lock {name}.")
    return {package: locked[package] for package in sorted(wanted)}


def pins(lock: str) -> dict[str, str]:
    """Package → version of every line of a lock file's text."""
    return {normal(found[0]): found[1] for found in re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", lock)}


def _image(root: Path, name: str, dockerfile: Dockerfile, parent: Image | None, version: str) -> Image:
    where = f"images/{name}/Dockerfile"
    files = source_files(root, [where, *dockerfile.sources], where)
    inherited = json.loads(parent.labels["eu.lifedesk.software"]) if parent else {}
    labels = {
        "eu.lifedesk.image": name,
        "eu.lifedesk.software": json.dumps({**inherited, **software(root, name)}, sort_keys=True),
        "org.opencontainers.image.version": version,
    }
    origin = parent.recipe if parent else f"{dockerfile.parent} {bootstrap.RECIPE}"
    folders = tuple(source for source in dockerfile.sources if (root / source).is_dir())
    recipe = recipe_of(root, files, labels, origin)
    return Image(name, dockerfile.parent, folders, files, labels, dockerfile.steps, recipe, where)


def recipe_of(
    root: Path, files: Sequence[Path], labels: Mapping[str, str], origin: str, given: Mapping[str, str] | None = None
) -> str:
    """The hash over everything an image is made of; `origin` stands for what it is built on."""
    digest = hashlib.sha256(json.dumps([origin, dict(labels)], sort_keys=True).encode())
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root)}\0{is_executable(file)}\0{content}\n".encode())
    for path, text in sorted((given or {}).items()):
        digest.update(f"{path}\0{text}\0".encode())
    return digest.hexdigest()[:_RECIPE_DIGITS]


def is_executable(file: Path) -> bool:
    """Whether git would keep `file` as executable; no other permission reaches an image."""
    return bool(file.stat().st_mode & 0o100)


def _is_left_out(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in LEFT_OUT)


def _instructions(text: str) -> Iterator[list[str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for instruction in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        yield instruction.split()


def _sources(instruction: str, arguments: Sequence[str], where: str) -> list[str]:
    if instruction == "RUN":
        mounts = [
            dict(part.partition("=")[::2] for part in word[8:].split(","))
            for word in arguments
            if word.startswith("--mount=")
        ]
        return [mount["source"] for mount in mounts if mount.get("type") == "bind" and "from" not in mount]
    if instruction == "WORKDIR" or any(word.startswith("--from=") for word in arguments):
        return []
    paths = [word for word in arguments if not word.startswith("--")][:-1]
    if any(mark in path for path in paths for mark in "$*?["):
        raise PlanError(f"{where}: {shlex.join(paths)}: name what is copied without variables and patterns.")
    return [path.rstrip("/") for path in paths]


def _asked_for(folder: Path, file: str) -> Iterator[str]:
    path = folder / file
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        requirement = line.split("#")[0].strip()
        if requirement.startswith("-r "):
            yield from _asked_for(folder, requirement[3:].strip())
        elif found := re.match(r"[A-Za-z0-9._-]+", requirement):
            yield normal(found[0])


def normal(package: str) -> str:
    """A package's name as indexes compare names."""
    return re.sub(r"[-_.]+", "-", package).lower()
