"""HTTP manners: what is sent, what is not, and how many requests a host gets at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.errors import AnswerNotUnderstood
from lifedesk_catalogue.transport import Gate, StatusError, Transport, parse_json, pause_seconds
from lifedesk_catalogue.transport import Policy as TransportPolicy
from tests.support.archive_server import ArchiveServer
from tests.unit.catalogue.conftest import MakeStudy, write


def test_credentials_in_the_home_folder_are_not_sent(archive: ArchiveServer, study: MakeStudy) -> None:
    study()
    write(Path.home() / ".netrc", b"machine 127.0.0.1 login me password secret\n")
    catalogue.get("S-BIAD1")
    assert archive.requests
    assert not any("authorization" in request.headers or "cookie" in request.headers for request in archive.requests)


def test_proxy_of_the_environment_is_used(
    archive: ArchiveServer, study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    study()
    monkeypatch.setenv("LIFEDESK_ARCHIVES", '{"bioimage-archive": {"base_url": "http://archive.invalid/api/v1"}}')
    monkeypatch.setenv("http_proxy", archive.address)
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    (hits,) = catalogue.search("study")
    assert isinstance(hits, catalogue.Hits), hits
    assert archive.asked("/search")[0].headers["host"] == "archive.invalid"


@pytest.mark.parametrize("url", ["ftp://h/x", "file:///etc/passwd", "gopher://h", "javascript:1"])
async def test_only_web_addresses_are_fetched(url: str) -> None:
    async with Transport() as transport:
        with pytest.raises(AnswerNotUnderstood, match="is not a web address"):
            await transport.json(url, deadline_seconds=5)


async def test_redirect_away_from_the_web_is_refused(archive: ArchiveServer) -> None:
    archive.fault("redirect", "/x", to="ftp://127.0.0.1")
    async with Transport() as transport:
        with pytest.raises(AnswerNotUnderstood, match="redirects to something that is not a web address"):
            await transport.json(f"{archive.address}/x", deadline_seconds=5)


async def test_answer_that_is_too_large_is_not_read(archive: ArchiveServer, study: MakeStudy) -> None:
    study(big=b"[" + b"1," * 500_000)
    async with Transport() as transport:
        with pytest.raises(AnswerNotUnderstood, match=r"is larger than 1\.0 kB; not read"):
            await transport.json(f"{archive.address}/fire/S-BIAD1/Files/big", deadline_seconds=5, limit_bytes=1000)


@pytest.mark.parametrize(("body", "sentence"), [(b" <html>", "a web page where data"), (b"{", "no readable JSON")])
def test_web_page_and_broken_json_are_told_apart(body: bytes, sentence: str) -> None:
    with pytest.raises(AnswerNotUnderstood, match=sentence):
        parse_json(body, "https://h/x")


def test_waits_double_with_jitter_and_follow_the_server() -> None:
    policy = TransportPolicy(first_wait_seconds=1, longest_wait_seconds=10, attempts=5)
    busy = StatusError("busy", 503)
    waits = [pause_seconds(busy, number, policy) for number in (1, 2, 3, 4)]
    assert all(wait is not None and 2**n / 2 <= wait <= 2**n for n, wait in enumerate(waits))
    assert pause_seconds(busy, 5, policy) is None
    assert pause_seconds(StatusError("busy", 429, 7.0), 1, policy) == 7
    assert pause_seconds(StatusError("busy", 429, 3600.0), 1, policy) is None
    assert pause_seconds(StatusError("gone", 404), 1, policy) is None


async def test_gate_halves_when_asked_to_and_opens_again_slowly() -> None:
    gate = Gate(8)
    gate.narrow(0.02)
    gate.narrow(0.02)
    assert gate.width == 4
    most = now = 0

    async def work() -> None:
        nonlocal most, now
        async with gate():
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1
            gate.widen()

    await asyncio.gather(*(work() for _ in range(8)))
    assert most == 4
    await asyncio.gather(*(work() for _ in range(100)))
    assert gate.width == 8


def test_chunk_that_is_larger_than_thought_goes_to_disk(
    archive: ArchiveServer, study: MakeStudy, tmp_path: Path
) -> None:
    data = study()
    write(data / "i.zarr" / ".zarray", b'{"zarr_format": 2, "shape": [3000000], "chunks": [3000000]}')
    write(data / "i.zarr" / "0", bytes(3_000_000))
    pulled = catalogue.pull(catalogue.plan_pull("S-BIAD1", into=tmp_path / "into"))
    assert (pulled.folder / "i.zarr" / "0").stat().st_size == 3_000_000
