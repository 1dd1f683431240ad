"""The sizes of an image's layers, from an archive as `docker save` writes it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from images.layers import Layer, read_archive, read_known


def layer(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo(f"{name}-again")
        link.type, link.linkname = tarfile.LNKTYPE, name
        archive.addfile(link)
    return packed.getvalue()


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def layers() -> list[bytes]:
    return [layer("usr/a", b"a" * 3_000_000), layer("opt/b", bytes(range(256)) * 100)]


def archive(files: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as written:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            written.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


@pytest.mark.parametrize("names", [("one/layer.tar", "two/layer.tar"), ("blobs/sha256/1", "blobs/sha256/2")])
def test_layers_are_counted_and_compressed_in_every_layout(layers: list[bytes], names: tuple[str, str]) -> None:
    wanted = [digest(content) for content in layers]
    history = [
        {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
        {"created_by": "ENV A=1", "empty_layer": True},
        {"created_by": "RUN |1 VERSION=1.0 /bin/sh -c install   base # buildkit"},
    ]
    configuration = json.dumps({"rootfs": {"diff_ids": wanted}, "history": history}).encode()
    files = {"VERSION": b"1.0", names[1]: layers[1], "c.json": configuration, names[0]: layers[0], "m.json": b"[{}]"}
    sizes, made_by = read_archive(archive(files), wanted)
    assert made_by == ["#(nop) ADD file:1 in /", "RUN install base"]
    assert {name: found[0] for name, found in sizes.items()} == {wanted[0]: 3_000_000, wanted[1]: 25_600}
    for content in layers:
        assert sizes[digest(content)][1] == pytest.approx(len(gzip.compress(content, 6)), abs=40)


def test_what_was_measured_before_is_read_again_and_a_damaged_file_is_as_none(tmp_path: Path) -> None:
    file = tmp_path / "layers.json"
    assert read_known(file) == {}
    file.write_text('[{"digest": "a", "made_by": "RUN", "uncompressed_bytes": 2, "compressed_bytes": 1}]')
    assert read_known(file) == {"a": Layer("a", "RUN", 2, 1)}
    file.write_text('[{"digest"')
    assert read_known(file) == {}
