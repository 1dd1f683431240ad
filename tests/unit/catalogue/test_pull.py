"""Pulls that go well, and what lies there afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import ChecksumMismatch
from lifedesk_catalogue.model import Checksum
from lifedesk_catalogue.part import Part, Version
from tests.support.archive_server import ArchiveServer
from tests.unit.catalogue.conftest import MakeStudy, write
from tests.unit.catalogue.test_opening import computed

BIG = 40 * 2**20


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the pull's own, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".lifedesk" not in path.parts and path.name != "ro-crate-metadata.json"
    }


def test_pull_brings_every_file_whole_and_notes_how_it_was_checked(study: MakeStudy, tmp_path: Path) -> None:
    files = {"a b/c+d #1 & 2%.tif": os.urandom(3_000_000), "empty": b"", "Ünal.txt": b"text"}
    study(**files)
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    assert contents(pulled.folder) == files
    assert (pulled.fetched, pulled.fetched_bytes) == (3, 3_000_004)
    assert pulled.checksum_levels == {"size-only": 3}
    records = [json.loads(line) for line in (pulled.folder / ".lifedesk/pulled.jsonl").read_text().splitlines()]
    assert {record["name"]: record["sha256"] for record in records} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert not list((pulled.folder / ".lifedesk" / "parts").iterdir())


def test_second_pull_finds_everything_there_and_fetches_nothing(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path
) -> None:
    study(a=b"a", b=b"bb")
    first = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    written = first.crate.stat().st_mtime_ns
    plan = catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")
    archive.requests.clear()
    again = catalogue.pull(plan)
    assert plan.is_complete
    assert (again.fetched, again.files, archive.requests) == (0, first.files, [])
    assert again.crate.stat().st_mtime_ns == written


def test_later_pull_adds_to_the_earlier_one(archive: ArchiveServer, study: MakeStudy, tmp_path: Path) -> None:
    study(**{"a.tif": b"a", "b.csv": b"bb"})
    catalogue.pull(catalogue.plan_pull("S-BIAD1", ["*.tif"], into=tmp_path / "into"))
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    assert pulled.fetched == 1
    crate = json.loads(pulled.crate.read_text())
    assert {"a.tif", "b.csv"} <= {entity["@id"] for entity in crate["@graph"]}


def test_file_that_the_archive_replaced_is_fetched_anew(study: MakeStudy, tmp_path: Path) -> None:
    study(**{"a.tif": b"old", "b.tif": b"same"})
    catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    study(**{"a.tif": b"newer"})
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    assert pulled.fetched == 1
    assert contents(pulled.folder)["a.tif"] == b"newer"


def test_big_file_comes_in_ranges_at_once(archive: ArchiveServer, study: MakeStudy, tmp_path: Path) -> None:
    content = os.urandom(BIG)
    study(big=content)
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    assert contents(pulled.folder) == {"big": content}
    ranges = sorted(request.range or "" for request in archive.asked("/Files/big"))
    assert ranges == ["bytes=0-16777215", "bytes=16777216-33554431", "bytes=33554432-41943039"]


def test_progress_counts_up_to_the_end_and_says_when_it_is_complete(study: MakeStudy, tmp_path: Path) -> None:
    study(big=os.urandom(BIG), small=b"s")
    seen: list[catalogue.Progress] = []
    catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"), seen.append)
    assert seen[0].bytes_done == 0
    assert [moment.bytes_done for moment in seen] == sorted(moment.bytes_done for moment in seen)
    last = seen[-1]
    assert (last.state, last.files_done, last.bytes_done, last.fraction) == ("complete", 2, BIG + 1, 1.0)


async def test_pull_works_inside_a_running_event_loop(study: MakeStudy, tmp_path: Path) -> None:
    study(a=b"a", b=b"b")
    plan = await asyncio.to_thread(catalogue.plan_pull, "S-BIAD1", ["a"], tmp_path / "into")
    assert (await catalogue.pull_async(plan)).fetched == 1
    assert catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")).fetched == 1


def test_published_checksum_is_verified_and_noted(study: MakeStudy, tmp_path: Path) -> None:
    study(a=b"content")
    plan = catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")
    good = Checksum("md5", hashlib.md5(b"content", usedforsecurity=False).hexdigest())
    pulled = catalogue.pull(replace(plan, files=(replace(plan.files[0], checksum=good),)))
    assert pulled.checksum_levels == {"published": 1}


def test_wrong_bytes_are_thrown_away(study: MakeStudy, tmp_path: Path) -> None:
    study(a=b"content", b=b"fine")
    plan = catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")
    wrong = replace(plan.files[0], checksum=Checksum("sha256", "0" * 64))
    with pytest.raises(
        catalogue.CatalogueError, match=r"1 of 2 files could not be pulled; the others are there\. 'a' arrived"
    ):
        catalogue.pull(replace(plan, files=(wrong, plan.files[1])))
    assert contents(tmp_path / "into") == {"b": b"fine"}
    assert not (tmp_path / "into" / "ro-crate-metadata.json").exists()


def test_etag_that_is_an_md5_counts_as_a_check(tmp_path: Path) -> None:
    from lifedesk_catalogue.transfer import check

    part = Part(tmp_path / "x.part")
    part.version = Version(3, None)
    part.want_digest("md5")
    part.write(0, b"abc")
    digest = hashlib.md5(b"abc", usedforsecurity=False).hexdigest()
    file = catalogue.File(name="x", url="https://h/x", size_bytes=3)
    assert check(part, file, f'"{digest}"', True)[1] == "etag-md5"
    assert check(part, file, '"0123456789abcdef0123456789abcdef"', True)[1] == "size-only"
    assert check(part, file, None, False)[1] == "none"
    with pytest.raises(ChecksumMismatch):
        check(part, replace(file, checksum=Checksum("sha256", "0" * 64)), None, True)
    part.close()


def test_zarr_folder_is_pulled_chunk_by_chunk_and_missing_chunks_are_no_error(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path
) -> None:
    data = study()
    array = {
        "zarr_format": 2,
        "shape": [4, 4],
        "chunks": [2, 2],
        "dtype": "|u1",
        "compressor": None,
        "fill_value": 0,
        "order": "C",
        "filters": None,
    }
    scales = {"multiscales": [{"version": "0.4", "axes": [{"name": "y"}, {"name": "x"}], "datasets": [{"path": "0"}]}]}
    write(data / "sub dir" / "i.zarr" / ".zgroup", b'{"zarr_format": 2}')
    write(data / "sub dir" / "i.zarr" / ".zattrs", json.dumps(scales).encode())
    write(data / "sub dir" / "i.zarr" / "0" / ".zarray", json.dumps(array).encode())
    write(data / "sub dir" / "i.zarr" / "0" / "0.0", b"\1\2\3\4")
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    assert contents(pulled.folder) == contents(data)
    assert "sub dir/i.zarr/0/1.1" in pulled.absent
    archive.requests.clear()
    plan = catalogue.plan_pull("S-BIAD1", into=tmp_path / "into")
    assert plan.is_complete
    assert catalogue.pull(plan).fetched == 0
    image = catalogue.open_dataset(pulled.folder)
    assert isinstance(image, catalogue.Image)
    assert computed(image.data).sum() == 10


def test_data_of_the_site_is_copied_with_the_same_care(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = os.urandom(9_000_000)
    write(tmp_path / "site" / "own" / "data.bin", content)
    monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps({"site": {"path": str(tmp_path / "site")}}))
    pulled = catalogue.pull(catalogue.plan_pull("own", into=tmp_path / "into"))
    assert contents(pulled.folder) == {"data.bin": content}
    record = json.loads((pulled.folder / ".lifedesk" / "pulled.jsonl").read_text())
    assert (record["sha256"], record["level"]) == (hashlib.sha256(content).hexdigest(), "size-only")
    assert catalogue.plan_pull("own", into=tmp_path / "into").is_complete
