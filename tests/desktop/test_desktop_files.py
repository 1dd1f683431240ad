"""Files dropped on the desktop arrive in the home directory; files of it are downloaded."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.desktop.desk import SECONDS, Desk, open_desk
from tests.images.session import Server
from tests.support.browser import picture_if_wanted
from tests.support.waiting import wait_until

DROP = """
([name, size]) => {
  const bytes = new Uint8Array(size).map((_, place) => (place * 31 + (place >> 8)) % 251);
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], name));
  for (const type of ['dragover', 'drop']) {
    document.body.dispatchEvent(new DragEvent(type, {dataTransfer: moved, bubbles: true, cancelable: true}));
  }
}
"""
SMALL, LARGE = 1000, 9 * 1024 * 1024 + 17


def content(size: int) -> bytes:
    """The bytes that `DROP` makes."""
    return bytes((place * 31 + (place >> 8)) % 251 for place in range(size))


def until_there(desk: Desk, name: str, size: int) -> None:
    wanted = hashlib.sha256(content(size)).hexdigest()
    script = f"sha256sum ~/'{name}' 2>/dev/null | cut -c1-64; true"
    wait_until(lambda: desk.server.shell(script).strip() == wanted, f"{name!r} did not arrive", SECONDS)


def test_a_file_larger_than_one_chunk_arrives_whole(desk: Desk) -> None:
    desk.page.evaluate(DROP, ["stack ä.tif", LARGE])
    expect(desk.page.get_by_text("One file is in your home directory now.")).to_be_visible(timeout=60_000)
    until_there(desk, "stack ä.tif", LARGE)
    assert desk.server.shell("ls -A ~ | grep incoming || true") == ""


def test_a_name_that_is_taken_is_asked_about(desk: Desk) -> None:
    desk.server.shell("printf old > ~/taken.tar.gz")
    desk.page.evaluate(DROP, ["taken.tar.gz", SMALL])
    asked = desk.page.get_by_role("dialog")
    expect(asked).to_contain_text("“taken.tar.gz” is there already")
    picture_if_wanted(desk.page, "desktop-upload-conflict")
    asked.get_by_role("button", name="Keep both").click()
    until_there(desk, "taken (2).tar.gz", SMALL)
    assert desk.server.shell("cat ~/taken.tar.gz") == "old"
    desk.page.evaluate(DROP, ["taken.tar.gz", SMALL])
    asked.get_by_role("button", name="Replace").click()
    until_there(desk, "taken.tar.gz", SMALL)
    desk.page.evaluate(DROP, ["taken.tar.gz", SMALL + 1])
    asked.get_by_role("button", name="Leave out").click()
    expect(asked).to_be_hidden()
    until_there(desk, "taken.tar.gz", SMALL)


def test_a_file_is_downloaded_from_the_list(desk: Desk) -> None:
    desk.server.shell("mkdir -p ~/results && printf 'a,b' > ~/results/table.csv")
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Download").click()
    desk.page.get_by_role("button", name="results/").click()
    picture_if_wanted(desk.page, "desktop-download")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="table.csv").click()
    assert download.value.suggested_filename == "table.csv"
    assert download.value.path().read_text() == "a,b"


def drop(page: Page, path: Path) -> None:
    """Drag a file or a folder of this machine onto the page, as a person does."""
    tools = page.context.new_cdp_session(page)
    moved = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tools.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": moved})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An OME-Zarr folder of version 2, whose descriptions are hidden files, with names that need care."""
    made = tmp_path / "Zellen ä 'neu'.zarr"
    for path in (".zattrs", ".zgroup", "0/.zarray", "0/0.0", "0/a #?%41.txt"):
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(path)
    (made / "labels").mkdir()
    (made / "empty").touch()
    return made


def test_a_folder_arrives_with_all_that_is_in_it_and_goes_out_again(desk: Desk, folder: Path) -> None:
    drop(desk.page, folder)
    expect(desk.page.get_by_text("6 files are in your home directory now.")).to_be_visible()
    found = desk.server.shell(f'cd ~/"{folder.name}" && find . | sort').split("\n")[:-1]
    assert found == sorted(["."] + [f"./{path.relative_to(folder)}" for path in folder.rglob("*")])
    assert desk.server.shell(f'cat ~/"{folder.name}"/0/.zarray') == "0/.zarray"
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Download").click()
    desk.page.get_by_role("button", name=f"{folder.name}/").click()
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="This folder as a ZIP file").click()
    assert download.value.suggested_filename == f"{folder.name}.zip"
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert archive.read(f"{folder.name}/0/a #?%41.txt") == b"0/a #?%41.txt"
        assert f"{folder.name}/.zattrs" in archive.namelist()


def test_an_upload_of_a_tab_that_is_closed_leaves_nothing(shared_server: Server, desk: Desk, tmp_path: Path) -> None:
    other = open_desk(shared_server, desk.page.context)
    line = desk.page.context.new_cdp_session(other.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow)
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(LARGE))
    drop(other.page, large)
    coming = "ls -A ~/.lifedesk-incoming 2>/dev/null || true"
    wait_until(lambda: shared_server.shell(coming), "nothing arrives", SECONDS)
    other.page.close()
    wait_until(lambda: not shared_server.shell(coming), "half of a file is still there", SECONDS)
    assert shared_server.shell("ls ~ | grep large || true") == ""
