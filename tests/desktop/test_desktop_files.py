"""Files dropped on the desktop arrive in the home directory; files of it are downloaded."""

from __future__ import annotations

import hashlib

from playwright.sync_api import expect

from tests.desktop.desk import SECONDS, Desk
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
    assert desk.server.shell("ls -A ~ | grep part$ || true") == ""


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
