"""Files into the home directory and folders out of it, over HTTP."""

from __future__ import annotations

import asyncio
import io
import os
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from lifedesk_lab.files.incoming import FOLDER, LEFT_AFTER_SECONDS, discard_left, free_name
from lifedesk_lab.files.zipped import LEFT_OUT, write_zip
from tests.support.waiting import wait_until
from tests.unit.lab.conftest import TOKEN, LabServer

UPLOAD = "lifedesk/api/incoming/0123456789abcdef"
HEADERS = {"Authorization": f"token {TOKEN}"}
LARGE = os.urandom(9 * 2**20)


@pytest.fixture
def home(server: LabServer) -> Path:
    return Path(server.app.root_dir)


async def put(server: LabServer, path: str, content: bytes | AsyncIterator[bytes]) -> httpx.Response:
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.put(f"{server.url}{UPLOAD}/{path}", content=content, headers=HEADERS)


async def settle(server: LabServer, name: str, replace: bool = False) -> httpx.Response:
    return await server.request("POST", UPLOAD, {"name": name, "replace": replace})


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(("name", "content"), [('stack ä "1" %41#?.tif', LARGE), ("nothing", b""), (".hidden", b"x")])
async def test_a_file_of_any_name_and_size_arrives_whole(
    server: LabServer, home: Path, name: str, content: bytes
) -> None:
    assert (await put(server, "", content)).status_code == 201
    assert not (home / name).exists()
    assert (await settle(server, name)).status_code == 204
    assert (home / name).read_bytes() == content
    assert below(home) == [name]


async def test_a_folder_arrives_with_hidden_files_and_empty_folders(server: LabServer, home: Path) -> None:
    for path in (".zattrs", "0/.zarray", "0/0.0", "a b/ü.txt", "empty/"):
        assert (await put(server, path, path.encode())).status_code == 201
    assert (await settle(server, "cells.zarr")).status_code == 204
    assert below(home / "cells.zarr") == [".zattrs", "0", "0/.zarray", "0/0.0", "a b", "a b/ü.txt", "empty"]
    assert (home / "cells.zarr/0/.zarray").read_text() == "0/.zarray"
    assert not (home / FOLDER).exists()


async def test_what_was_to_be_replaced_is_kept_when_the_new_one_cannot_come(server: LabServer, home: Path) -> None:
    (home / "mine").write_text("old")
    (home / UPLOAD.replace("lifedesk/api/incoming", FOLDER)).mkdir(parents=True)  # and nothing in it
    assert (await settle(server, "mine", replace=True)).status_code == 400
    assert (await server.request("DELETE", UPLOAD)).status_code == 204
    assert below(home) == ["mine"]
    assert (home / "mine").read_text() == "old"


async def test_an_empty_folder_arrives(server: LabServer, home: Path) -> None:
    assert (await put(server, "/", b"")).status_code == 201
    assert (await settle(server, "later")).status_code == 204
    assert (home / "later").is_dir()


@pytest.mark.parametrize("kind", ["file", "folder"])
async def test_a_name_that_is_taken_is_refused_until_its_owner_gives_it_up(
    server: LabServer, home: Path, kind: str
) -> None:
    (home / "taken").mkdir() if kind == "folder" else (home / "taken").write_text("old")
    was = [] if kind == "folder" else ["old"]
    assert (await put(server, "new.txt" if kind == "folder" else "", b"new")).status_code == 201
    refused = await settle(server, "taken")
    assert refused.status_code == 409
    assert refused.json()["message"] == "your home directory has a file or folder of this name already."
    assert [*below(home / "taken"), *([] if kind == "folder" else [(home / "taken").read_text()])] == was
    assert (await settle(server, "taken", replace=True)).status_code == 204
    assert below(home) == (["taken", "taken/new.txt"] if kind == "folder" else ["taken"])


async def test_nothing_is_left_of_an_upload_that_is_given_up(server: LabServer, home: Path) -> None:
    await put(server, "deep/file", b"x")
    assert (await server.request("DELETE", UPLOAD)).status_code == 204
    assert below(home) == []


async def test_nothing_is_left_of_a_file_whose_browser_goes_away_in_the_middle(server: LabServer, home: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(2**16)
            await asyncio.sleep(0)

    def parts() -> list[Path]:
        return list(home.rglob("cut.tif"))

    sending = asyncio.create_task(put(server, "cut.tif", endless()))
    await asyncio.to_thread(wait_until, parts, "nothing arrives")
    sending.cancel()
    await asyncio.wait([sending])
    await asyncio.to_thread(wait_until, lambda: not parts(), "the half of a file is still there")


@pytest.mark.parametrize("path", ["%2e%2e/out", "a/%2e%2e/%2E%2E/out", "a//b", "..%2fout", "nul%00"])
async def test_no_path_leads_out_of_the_upload(server: LabServer, home: Path, path: str) -> None:
    async with httpx.AsyncClient() as client:
        url = httpx.URL(f"{server.url}{UPLOAD}/").copy_with(raw_path=f"/user/ada/{UPLOAD}/{path}".encode())
        assert (await client.put(url, content=b"x", headers=HEADERS)).status_code == 400
    assert below(home) == []
    await put(server, "", b"x")
    for name in ("..", "a/b", "", "../out"):
        assert (await settle(server, name)).status_code == 400


async def test_files_are_taken_only_from_who_may_use_the_session(server: LabServer, home: Path) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.put(f"{server.url}{UPLOAD}/x", content=b"x")).status_code == 403
    assert (await server.request("GET", "lifedesk/api/names/x", token="wrong")).status_code == 403
    assert below(home) == []


async def test_a_name_too_long_for_the_disk_is_refused_in_words(server: LabServer) -> None:
    refused = await put(server, "x" * 300, b"x")
    assert (refused.status_code, refused.json()) == (400, {"message": "File name too long."})


async def test_a_free_name_is_offered(server: LabServer, home: Path) -> None:
    (home / "a b.tar.gz").touch()
    (home / "a b (2).tar.gz").symlink_to("nowhere")
    answer = await server.get("lifedesk/api/names/a%20b.tar.gz")
    assert answer.json() == {"is_taken": True, "free": "a b (3).tar.gz"}
    assert (await server.get("lifedesk/api/names/.zattrs")).json() == {"is_taken": False, "free": ".zattrs"}
    (home / ".bashrc").touch()
    assert free_name(home, ".bashrc") == ".bashrc (2)"


def test_an_upload_that_an_earlier_session_left_is_removed(tmp_path: Path) -> None:
    for name, age in (("old", LEFT_AFTER_SECONDS + 60), ("new", 60)):
        folder = tmp_path / FOLDER / name
        folder.mkdir(parents=True)
        (folder / "content").touch()
        os.utime(folder, (time.time() - age,) * 2)
    discard_left(tmp_path)
    assert below(tmp_path / FOLDER) == ["new", "new/content"]


async def test_a_folder_is_downloaded_as_one_file(server: LabServer, home: Path) -> None:
    folder = home / "Zellen ä"
    (folder / "empty").mkdir(parents=True)
    (folder / ".zattrs").write_text("{}")
    (folder / "large.bin").write_bytes(LARGE)
    os.utime(folder / ".zattrs", (0, 0))  # before ZIP's own time begins
    (folder / "circle").symlink_to(folder)
    answer = await server.get("lifedesk/api/folders/Zellen%20%C3%A4")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Zellen%20%C3%A4.zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.read("Zellen ä/large.bin") == LARGE
        assert sorted(archive.namelist()) == [
            "Zellen ä/", "Zellen ä/.zattrs", f"Zellen ä/{LEFT_OUT}", "Zellen ä/empty/", "Zellen ä/large.bin",
        ]  # fmt: skip
        assert "Zellen ä/circle: a link to" in archive.read(f"Zellen ä/{LEFT_OUT}").decode()


async def test_what_is_no_folder_of_the_home_is_not_downloaded(server: LabServer, home: Path) -> None:
    (home / "file").touch()
    statuses = [(await server.get(f"lifedesk/api/folders/{path}")).status_code for path in ("file", "none", "%2e%2e/x")]
    assert statuses == [400, 404, 400]
    assert (await server.request("GET", "lifedesk/api/folders/file", token="wrong")).status_code in (302, 403)


def test_a_link_as_the_only_content_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "out").symlink_to("/etc/passwd")
    output = io.BytesIO()
    write_zip(tmp_path / "folder", output)
    with zipfile.ZipFile(output) as archive:
        assert archive.read(f"folder/{LEFT_OUT}").decode() == "folder/out: a link to /etc/passwd\n"
