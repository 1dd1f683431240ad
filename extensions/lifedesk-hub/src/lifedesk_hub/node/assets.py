"""JupyterLab's own files, taken out of the images: one compressed copy for the whole node.

JupyterLab and its extensions name their scripts, styles and fonts after a hash of what is in them, so that a name means
the same bytes in every image and at every time. Only such files are taken; all others stay with the person's server.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

import docker
import docker.errors

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.node.state import State

JUPYTER_SHARE = PurePosixPath("/opt/venv/share/jupyter")
"""Where the images keep JupyterLab and its extensions."""
KINDS = ("css", "eot", "gif", "jpg", "js", "json", "png", "svg", "ttf", "wasm", "woff", "woff2")
COMPRESSED = frozenset({"css", "eot", "js", "json", "svg", "ttf", "wasm"})
"""Kinds of files that gain from compression; pictures and web fonts are compressed already."""
CURRENT = "current"
"""Name of the link to the copy in use."""

_FILE = rf"(?:[\w-]+\.)*[0-9a-f]{{8,64}}\.(?:{'|'.join(KINDS)})"
LAB_FILE = rf"{_FILE.replace('{8,', '{16,')}"
"""Regular expression (of Python and of nginx) of JupyterLab's own hashed names."""
EXTENSION_FILE = rf"(?:@[\w-][\w.-]*/)?[\w-][\w.-]*/static/{_FILE}"
"""The same of an extension's, with the extension's name. Some hash to 8 digits, most to 16 or 20."""

_CHUNK = re.compile(r"\.e\((\d+)\)")
"""How webpack's runtime names a chunk to load: https://webpack.js.org/api/module-methods/#import"""
_FIRST_MOST_BYTES = 256 * 1024
"""Larger chunks, such as those of diagrams and of formats, are for later."""

_SOURCES = {
    "lab": (JUPYTER_SHARE / "lab" / "static", re.compile(LAB_FILE)),
    "extensions": (JUPYTER_SHARE / "labextensions", re.compile(EXTENSION_FILE)),
}


def are_current(deployment: Deployment) -> bool:
    """Whether the copy in use was taken from exactly the images of this deployment."""
    link = State(deployment.state).assets / CURRENT
    return link.is_symlink() and link.readlink().name == _name(deployment) and link.is_dir()


def collect(client: docker.DockerClient, deployment: Deployment, note: Callable[[str], None]) -> bool:
    """Put the files of the deployment's images in the place of those it had before; whether anything was done.

    Laid out as `current/lab/NAME` and `current/extensions/EXTENSION/static/NAME`, each with a `.gz` beside it where
    that is worth it. Readers see the old copy or the new one, never a part. Raises `docker.errors.DockerException`.
    """
    if are_current(deployment):
        return False
    folder = State(deployment.state).assets
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy, part = folder / _name(deployment), folder / ".part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(copy, ignore_errors=True)
    part.mkdir()
    for path, content in _contents(client, deployment, note):
        _write(part / path, content)
    part.rename(copy)
    link = folder / f".{CURRENT}.part"
    link.unlink(missing_ok=True)
    link.symlink_to(copy.name)
    link.replace(folder / CURRENT)
    for old in folder.iterdir():
        if old.name not in {CURRENT, copy.name}:
            shutil.rmtree(old)
    return True


def first_files(deployment: Deployment) -> tuple[str, ...]:
    """What a first visit to JupyterLab loads, as addresses below a session's own, the largest first.

    These are the script of its page, its core, the chunks that script names, and the extensions. Nothing depends on it:
    browsers fetch them while a session starts; what is not among them, they fetch when it is there.
    """
    copy = State(deployment.state).assets / CURRENT
    lab = {path.name: path for path in (copy / "lab").glob("*.js")}
    found = [path for name, path in lab.items() if name.startswith(("main.", "jlab_core."))]
    chunks = {
        number for name, path in lab.items() if name.startswith("main.") for number in _CHUNK.findall(path.read_text())
    }
    others = [path for name, path in lab.items() if name.partition(".")[0] in chunks]
    others += (copy / "extensions").rglob("*.js")
    found += [path for path in others if path.stat().st_size <= _FIRST_MOST_BYTES]
    found.sort(key=lambda path: path.stat().st_size, reverse=True)
    return tuple(_address(path.relative_to(copy)) for path in found)


def _address(path: Path) -> str:
    """The address that JupyterLab asks for: with a long hash once more as `v`, but for an extension's first script."""
    place, _, name = path.as_posix().partition("/")
    digest = path.stem.rpartition(".")[2]
    version = "" if path.name.startswith("remoteEntry.") or len(digest) < 16 else f"?v={digest}"
    return f"{'static/lab' if place == 'lab' else 'lab/extensions'}/{name}{version}"


def _name(deployment: Deployment) -> str:
    return hashlib.sha256("\n".join(sorted(deployment.images.values())).encode()).hexdigest()[:16]


def _contents(
    client: docker.DockerClient, deployment: Deployment, note: Callable[[str], None]
) -> Iterator[tuple[str, bytes]]:
    """Path in the copy and content of every file that means the same in all images."""
    found: dict[str, bytes | None] = {}
    for image, tag in sorted(deployment.images.items()):
        note(f"reading {image}")
        for path, content in _files_of(client, tag, deployment.name):
            # Two contents under one name: a person's own server knows which is meant.
            found[path] = content if found.get(path, content) == content else None
    note("compressing")
    return ((path, content) for path, content in found.items() if content is not None)


def _files_of(client: docker.DockerClient, tag: str, node: str) -> Iterator[tuple[str, bytes]]:
    """Path in the copy and content of every hashed file of that image."""
    label = {"eu.lifedesk.assets": node}
    for left in client.containers.list(all=True, filters={"label": "=".join(*label.items())}):
        left.remove(force=True, v=True)  # by a command that was killed
    container = client.containers.create(tag, labels=label)
    try:
        for place, (source, pattern) in _SOURCES.items():
            with suppress(docker.errors.NotFound):  # an image made elsewhere keeps them elsewhere
                stream, _ = container.get_archive(str(source))
                yield from hashed_files(b"".join(stream), place, pattern)
    finally:
        container.remove(v=True)


def hashed_files(archive: bytes, place: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Path below `place` and content of the archive's plain files that match; no other name can come out of it."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            _, _, name = member.name.partition("/")
            file = tar.extractfile(member) if member.isreg() and pattern.fullmatch(name) else None
            if file is not None:
                yield f"{place}/{name}", file.read()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_bytes(content)
    if path.suffix.removeprefix(".") in COMPRESSED:
        compressed = gzip.compress(content, 9, mtime=0)
        if len(compressed) < 0.9 * len(content):
            path.with_name(f"{path.name}.gz").write_bytes(compressed)
