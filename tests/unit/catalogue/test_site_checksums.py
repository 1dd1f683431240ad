"""What a local data set's RO-Crate states of its files, and a pull that holds them to it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.demo_site import write_demo_site
from lifedesk_catalogue.errors import PullFailed
from lifedesk_catalogue.model import Checksum
from tests.unit.catalogue.conftest import write

CONTENT = b"content of the file"
DIGESTS = {name: hashlib.new(name, CONTENT).hexdigest() for name in ("sha256", "sha512", "md5")}


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the data set `own`, in the only archive."""
    monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps({"site": {"path": str(tmp_path / "site")}}))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "site" / "own"


def describe(entry: Path, *files: dict[str, object]) -> None:
    """A crate that states this of the files."""
    about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    root = {"@id": "./", "@type": "Dataset", "name": "Own data"}
    entities = [{"@type": "File", **file} for file in files]
    write(entry / "ro-crate-metadata.json", json.dumps({"@graph": [about, root, *entities]}).encode())


def listed(name: str) -> catalogue.File:
    return next(file for file in catalogue.list_files(catalogue.get("own")) if file.name == name)


def left_in(folder: Path) -> set[str]:
    """Files with a final name, and unfinished ones."""
    return {path.name for path in folder.rglob("*") if path.is_file()} - {"lock", "pulled.jsonl"}


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
def test_stated_checksum_is_what_the_pull_compares_with(entry: Path, tmp_path: Path, algorithm: str) -> None:
    write(entry / "a.bin", CONTENT)
    describe(entry, {"@id": "a.bin", "contentSize": str(len(CONTENT)), algorithm: DIGESTS[algorithm].upper()})
    assert listed("a.bin").checksum == Checksum(algorithm, DIGESTS[algorithm])
    pulled = catalogue.pull(catalogue.plan_pull("own", ["a.bin"], into=tmp_path / "into"))
    assert pulled.checksum_levels == {"published": 1}
    assert catalogue.plan_pull("own", ["a.bin"], into=tmp_path / "into").is_complete


@pytest.mark.parametrize("identifier", ["./sub/a%20b%25.bin", "sub/a%20b%25.bin"])
def test_files_are_found_by_their_percent_encoded_path(entry: Path, identifier: str) -> None:
    write(entry / "sub" / "a b%.bin", CONTENT)
    describe(entry, {"@id": identifier, "@type": ["File", "ImageObject"], "sha256": [DIGESTS["sha256"]]})
    assert listed("sub/a b%.bin").checksum == Checksum("sha256", DIGESTS["sha256"])


@pytest.mark.parametrize(
    "stated",
    [
        {"checksum": DIGESTS["sha256"]},
        {"sha256": "unknown"},
        {"sha256": DIGESTS["md5"]},
        {"sha256": None, "contentSize": "19 bytes or so"},
        {"@type": "Dataset", "sha256": DIGESTS["sha256"]},
    ],
)
def test_what_cannot_be_checked_is_passed_over(entry: Path, tmp_path: Path, stated: dict[str, object]) -> None:
    write(entry / "a.bin", CONTENT)
    describe(entry, {"@id": "a.bin", **stated})
    assert (listed("a.bin").checksum, listed("a.bin").size_bytes) == (None, len(CONTENT))
    assert catalogue.pull(catalogue.plan_pull("own", ["a.bin"])).checksum_levels == {"size-only": 1}


def test_wrong_checksum_names_the_file_and_leaves_nothing_of_it(entry: Path, tmp_path: Path) -> None:
    write(entry / "good.bin", CONTENT)
    write(entry / "bad.bin", CONTENT)
    describe(entry, {"@id": "good.bin", "sha256": DIGESTS["sha256"]}, {"@id": "bad.bin", "sha512": "0" * 128})
    into = tmp_path / "into"
    progress: list[catalogue.Progress] = []
    for _ in range(2):
        with pytest.raises(
            PullFailed,
            match=r"the others are there\. 'bad\.bin' arrived with other bytes than the archive published \(sha512",
        ):
            catalogue.pull(catalogue.plan_pull("own", ["*.bin"], into=into), progress.append)
        assert left_in(into) == {"good.bin"}
        assert progress[-1].bytes_done == len(CONTENT)


def test_another_size_than_stated_is_refused_before_anything_is_copied(entry: Path, tmp_path: Path) -> None:
    write(entry / "a.bin", CONTENT)
    describe(entry, {"@id": "a.bin", "contentSize": 7})
    with pytest.raises(PullFailed, match=r"'a\.bin' has 19 bytes on this site, where 7 were announced"):
        catalogue.pull(catalogue.plan_pull("own", ["a.bin"], into=tmp_path / "into"))
    assert left_in(tmp_path / "into") == set()


def test_described_files_that_are_not_there_are_named(entry: Path) -> None:
    write(entry / "a.bin", CONTENT)
    describe(entry, {"@id": "a.bin"}, {"@id": "b%20c.bin"}, {"@id": "https://example.org/elsewhere.bin"})
    plan = catalogue.plan_pull("own", ["a.bin"])
    assert plan.warnings[0] == "1 of the files that ro-crate-metadata.json names are not there, such as 'b c.bin'."


def test_every_file_of_the_demo_that_a_crate_describes_is_published(entry: Path, tmp_path: Path) -> None:
    write_demo_site(entry.parent)
    pulled = catalogue.pull(catalogue.plan_pull("demo-cells-3d", into=tmp_path / "into"))
    chunks = [path for path in pulled.files if path.is_relative_to(pulled.folder / "cells.ome.zarr")]
    assert len(chunks) > 20
    assert pulled.checksum_levels == {"published": len(chunks), "size-only": 1}, "only the crate itself has none"
