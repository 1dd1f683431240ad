"""How large the layers of an image are: their files, and what a registry would keep and send of them.

A layer's `uncompressed_bytes` are its files, as `docker image ls` counts them; its `compressed_bytes` are its archive
after gzip at level 6. Compressing takes a minute for a large image, so what is once measured is kept in a file.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from images.engine import EngineError

_GZIP = 31  # window bits of zlib with gzip's header
_LEVEL = 6
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Layer:
    """One layer of an image."""

    digest: str
    made_by: str
    uncompressed_bytes: int
    compressed_bytes: int


def digests(docker: str, tag: str) -> list[str]:
    """The digests of an image's layers, lowest first. Raises `EngineError` when the engine does not have it."""
    command = [docker, "image", "inspect", "--format", "{{json .RootFS.Layers}}", tag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"{tag} could not be looked at: {done.stderr.strip()}")
    found: list[str] = json.loads(done.stdout)
    return found


def read_known(file: Path) -> dict[str, Layer]:
    """Digest → layer of those that were measured before; nothing when the file is not there or damaged."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {layer["digest"]: Layer(**layer) for layer in kept}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def measure(docker: str, tag: str, file: Path) -> list[Layer]:
    """The layers of an image, lowest first; those that `file` does not hold are measured and put there."""
    wanted = digests(docker, tag)
    known = read_known(file)
    if not set(wanted) <= set(known):
        known |= _exported(docker, tag, wanted)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.unfinished")
        unfinished.write_text(json.dumps([asdict(layer) for layer in known.values()], indent=1), encoding="utf-8")
        unfinished.rename(file)
    return [known[digest] for digest in wanted]


def _exported(docker: str, tag: str, wanted: list[str]) -> dict[str, Layer]:
    with subprocess.Popen([docker, "save", tag], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as saving:
        assert saving.stdout is not None
        assert saving.stderr is not None
        try:
            sizes, made_by = read_archive(saving.stdout, wanted)
        except tarfile.TarError:
            sizes, made_by = {}, []
        complaint = saving.stderr.read().decode(errors="replace").strip()
    if missing := [digest for digest in wanted if digest not in sizes]:
        raise EngineError(f"docker save {tag} did not give the layer {missing[0]}. {complaint}")
    made_by = made_by or [""] * len(wanted)
    return {digest: Layer(digest, words, *sizes[digest]) for digest, words in zip(wanted, made_by, strict=True)}


def read_archive(archive: IO[bytes], wanted: list[str]) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """What an archive of `docker save` tells: digest → bytes and compressed bytes; what made each layer of `wanted`.

    Whatever the archive's layout, a layer is an archive in it whose SHA-256 is the digest, and the configuration is
    a JSON file that lists the digests. https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
    """
    sizes: dict[str, tuple[int, int]] = {}
    made_by: list[str] = []
    with tarfile.open(fileobj=archive, mode="r|") as entries:
        for entry in entries:
            content = entries.extractfile(entry) if entry.isfile() else None
            if content is None:
                continue
            measured = _Measured(content)
            files = _bytes_of_files(measured)
            if files is not None:
                digest = measured.digest()
                sizes[digest] = (files, measured.compressed())
            elif configuration := _configuration(measured.beginning, wanted):
                made_by = list(_instructions(configuration))
    return sizes, made_by


class _Measured:
    """A file that is read once: its digest and compressed size are known at the end, its beginning is kept."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._hash = hashlib.sha256()
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._compressed = 0
        self.beginning = b""

    def read(self, size: int = _BLOCK) -> bytes:
        block = self._content.read(size)
        self._hash.update(block)
        self._compressed += len(self._compressor.compress(block))
        if len(self.beginning) < _BLOCK:
            self.beginning += block
        return block

    def digest(self) -> str:
        self._read_rest()
        return f"sha256:{self._hash.hexdigest()}"

    def compressed(self) -> int:
        """The compressed size; asked for last, after which nothing can be read."""
        self._read_rest()
        return self._compressed + len(self._compressor.flush())

    def _read_rest(self) -> None:
        while self.read():
            pass


def _bytes_of_files(content: _Measured) -> int | None:
    """The size of all files in an archive; None when it is none."""
    try:
        with tarfile.open(fileobj=content, mode="r|", bufsize=_BLOCK) as layer:  # type: ignore[call-overload]
            return sum(int(entry.size) for entry in layer if entry.isreg())
    except tarfile.ReadError:
        content.digest()
        return None


def _configuration(text: bytes, wanted: list[str]) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    is_it = isinstance(document, dict) and document.get("rootfs", {}).get("diff_ids") == wanted
    return document if is_it else None


def _instructions(configuration: dict[str, Any]) -> Iterator[str]:
    """What made each layer, as it is in the Dockerfile but for mounts and variables, which are not kept."""
    for step in configuration.get("history", []):
        if not step.get("empty_layer"):
            words = re.sub(r"^(RUN )?(\|\d+ (\S+=\S* )*)?/bin/sh -c ", r"\1", step.get("created_by", ""))
            yield " ".join(words.removesuffix(" # buildkit").split())
