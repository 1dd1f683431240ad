"""The desktop's life: cut connections, killed servers, crashing programs, a full home."""

from __future__ import annotations

import json
from pathlib import Path

import docker
import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from lifedesk_hub import singleuser
from lifedesk_lab.memory_score import RAISED
from tests.desktop.desk import IN_DESKTOP, SECONDS, Desk, open_desk, running_session
from tests.images import session
from tests.support.browser import picture_if_wanted
from tests.support.waiting import wait_until

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "eA=="}


def session_cookie(server: session.Server) -> str:
    """The cookies of a browser that is logged in."""
    answer = httpx.get(f"{server.url}/desktop/?token={session.TOKEN}")
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def processes(server: session.Server, name: str) -> list[str]:
    """The ids of the processes of that name."""
    script = f'for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = {name} ] && echo ${{p#/proc/}}; done; true'
    return server.shell(script).split()


def listening_ports(server: session.Server) -> set[int]:
    """The TCP ports the session's user listens on."""
    rows = [line.split() for line in server.shell("cat /proc/net/tcp /proc/net/tcp6").splitlines()]
    mine = [row for row in rows if len(row) > 7 and row[3] == "0A" and row[7] == str(singleuser.USER_ID)]
    return {int(row[1].rpartition(":")[2], 16) for row in mine}


def test_only_the_sessions_port_listens_and_the_screens_socket_is_private(desk: Desk) -> None:
    desk.until_painted()
    assert listening_ports(desk.server) == {singleuser.PORT}
    listed = desk.server.shell(
        "stat -c '%A %U' /tmp/lifedesk-desktop /tmp/lifedesk-desktop/rfb /tmp/lifedesk-desktop/opener"
    )
    assert listed.splitlines() == ["drwx------ jovyan", "srw------- jovyan", "srw------- jovyan"]
    assert desk.server.shell("find / -xdev -perm /6000 -type f 2>/dev/null | head; true") == ""


@pytest.mark.parametrize(
    ("path", "status"), [("/desktop/", 302), ("/desktop/stream", 403), ("/lifedesk/api/apps", 403), ("/desktop", 302)]
)
def test_who_is_not_logged_in_gets_no_desktop(shared_server: session.Server, path: str, status: int) -> None:
    answer = httpx.get(f"{shared_server.url}{path}", headers=UPGRADE if "stream" in path else {})
    assert answer.status_code == status


def test_another_sites_page_gets_no_screen(shared_server: session.Server) -> None:
    known = {"Cookie": session_cookie(shared_server), "Origin": "https://elsewhere.example.org"}
    assert httpx.get(f"{shared_server.url}/desktop/stream", headers={**UPGRADE, **known}).status_code == 403


def test_a_reload_comes_back_to_the_same_programs(desk: Desk) -> None:
    desk.run_in_terminal("head -n 1 > ~/after-reload.txt; sleep 60")
    before = processes(desk.server, "Xtigervnc"), processes(desk.server, "head")
    desk.page.reload()
    desk.until_connected()
    assert (processes(desk.server, "Xtigervnc"), processes(desk.server, "head")) == before
    desk.page.keyboard.type("still here\n")
    wait_until(lambda: desk.server.shell("cat ~/after-reload.txt") == "still here\n", "the terminal is deaf", SECONDS)


def test_a_cut_line_is_told_and_comes_back_by_itself(desk: Desk, context: BrowserContext) -> None:
    before = processes(desk.server, "Xtigervnc")
    context.set_offline(True)
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    wait_until(lambda: "Trying again" in desk.words(), f"the page says {desk.words()!r}", SECONDS)
    picture_if_wanted(desk.page, "desktop-cut")
    expect(desk.page.get_by_role("status")).to_have_attribute("aria-live", "polite")
    context.set_offline(False)
    desk.until_connected()
    assert processes(desk.server, "Xtigervnc") == before
    assert desk.words() == ""


def test_a_killed_display_server_is_replaced_and_nothing_of_it_stays(
    docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], home: str, context: BrowserContext
) -> None:
    with running_session(docker_engine, image_tags["desktop"], hub, home) as server:
        desk = open_desk(server, context)
        for slug in ("files", "terminal", "editor"):
            desk.open(slug)
        desk.until_window("jovyan")
        server.shell(f"{IN_DESKTOP} setsid nohup sleep 300 >/dev/null 2>&1 &")
        old = {
            name: processes(server, name) for name in ("Xtigervnc", "jwm", "dbus-daemon", "pcmanfm", "xterm", "l3afpad")
        }
        assert all(old.values()), old
        server.shell(f"kill -KILL {old['Xtigervnc'][0]}")
        notice = desk.page.get_by_text("The desktop ended unexpectedly")
        expect(notice).to_be_visible(timeout=SECONDS * 1000)
        desk.until_connected()
        desk.until_painted()
        picture_if_wanted(desk.page, "desktop-anew")
        everything = {name: processes(server, name) for name in old}
        assert all(not set(everything[name]) & set(old[name]) for name in old), (old, everything)
        assert processes(server, "Xtigervnc")
        assert processes(server, "jwm")
        assert processes(server, "sleep"), "what was started with nohup is to outlive the desktop"


def test_a_killed_window_manager_is_replaced(desk: Desk) -> None:
    (old,) = processes(desk.server, "jwm")
    desk.server.shell(f"kill -KILL {old}")
    wait_until(lambda: processes(desk.server, "jwm") not in ([], [old]), "there is no window manager", SECONDS)
    desk.until_painted()


def test_a_program_that_crashes_later_is_told_with_its_last_lines(desk: Desk) -> None:
    desk.open("editor")
    desk.until_window("Untitled")
    (editor,) = processes(desk.server, "l3afpad")
    desk.server.shell(f"kill -SEGV {editor}")
    card = desk.page.locator(".card.error", has_text="Text editor ended unexpectedly (signal SIGSEGV).")
    expect(card).to_be_visible()
    picture_if_wanted(desk.page, "desktop-crash")
    card.get_by_role("button").click()
    wait_until(lambda: desk.server.get("/lifedesk/api/notices").json() == [], "the notice stands", SECONDS)


def test_what_cannot_be_opened_is_refused_in_words(shared_server: session.Server) -> None:
    answers = {
        path: shared_server.post("/lifedesk/api/apps/editor/open", {"path": path})
        for path in ("/etc/passwd", "../x", "missing.txt")
    }
    assert [answer.status_code for answer in answers.values()] == [400, 400, 404]
    assert answers["missing.txt"].json() == {
        "message": "There is no file or folder 'missing.txt' in the home directory."
    }
    unknown = shared_server.post("/lifedesk/api/apps/word/open", {"path": None})
    assert unknown.status_code == 404
    assert unknown.json()["message"].startswith("This environment has no program 'word'. There are: files, terminal,")


BROKEN = {
    "slug": "broken",
    "title": "Broken viewer",
    "description": "",
    "command": ["sh", "-c", "echo no licence 100%; exit 3"],
    "icon": "/opt/lifedesk/apps/icons/files.svg",
    "opens": [],
    "version": "1",
    "licence": "MIT",
    "citation": None,
    "homepage": "https://example.org",
}


def test_a_program_that_fails_at_once_is_told_by_the_page(
    docker_engine: docker.DockerClient,
    hub: session.Hub,
    image_tags: dict[str, str],
    home: str,
    context: BrowserContext,
    tmp_path: Path,
) -> None:
    file = tmp_path / "broken.json"
    file.write_text(json.dumps({"image": "broken", "position": 9, "apps": [BROKEN]}))
    for folder in (file, *list(file.parents)[:-2]):
        folder.chmod(0o755)
    installed = {str(file): {"bind": "/opt/lifedesk/apps/broken.json", "mode": "ro"}}
    mounts = {home: {"bind": singleuser.HOME}, **installed}
    with running_session(docker_engine, image_tags["desktop"], hub, home, volumes=mounts) as server:
        desk = open_desk(server, context, "?app=broken")
        card = desk.page.locator(".card.error", has_text="Broken viewer ended with an error (status 3).")
        expect(card).to_contain_text("no licence 100%")


HOARDERS = """
import os, time
for _ in range(30):
    if not os.fork():
        hoard = bytearray(b"x") * (50 * 2**20)
        time.sleep(600)
time.sleep(600)
"""
"""More than the session has, each of them smaller than the session's server."""


def test_programs_end_when_memory_is_used_up_and_neither_the_server_nor_the_screen(
    docker_engine: docker.DockerClient,
    hub: session.Hub,
    image_tags: dict[str, str],
    home: str,
    context: BrowserContext,
    tmp_path: Path,
) -> None:
    file = tmp_path / "hoarder.json"
    hoarder = {**BROKEN, "slug": "hoarder", "title": "Hoarder", "command": ["python", "-c", HOARDERS]}
    file.write_text(json.dumps({"image": "hoarder", "position": 9, "apps": [hoarder]}))
    for folder in (file, *list(file.parents)[:-2]):
        folder.chmod(0o755)
    mounts = {
        home: {"bind": singleuser.HOME},
        str(file): {"bind": "/opt/lifedesk/apps/hoarder.json", "mode": "ro"},
    }
    with running_session(
        docker_engine, image_tags["desktop"], hub, None, volumes=mounts, mem_limit="1g", memswap_limit="1g"
    ) as server:
        desk = open_desk(server, context)
        (screen,) = processes(server, "Xtigervnc")
        desk.open("terminal")
        desk.until_window("jovyan")
        desk.open("hoarder")
        notice = desk.page.locator(".card.error", has_text="was ended because").first
        expect(notice).to_contain_text("all of its 1 GB of memory", timeout=90_000)
        picture_if_wanted(desk.page, "desktop-out-of-memory")
        assert processes(server, "Xtigervnc") == [screen]
        desk.until_connected()
        scores = [server.shell(f"cat /proc/{number}/oom_score_adj").strip() for number in (1, screen)]
        assert scores == ["0", "0"]
        (terminal,) = processes(server, "xterm")
        assert server.shell(f"cat /proc/{terminal}/oom_score_adj").strip() == str(RAISED)


def test_a_full_home_does_not_stop_the_desktop(
    docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], context: BrowserContext
) -> None:
    mounts = {
        singleuser.HOME: f"size=1m,uid={singleuser.USER_ID},gid={singleuser.GROUP_ID},mode=700",
        "/tmp": "size=512m",
    }
    with running_session(docker_engine, image_tags["desktop"], hub, None, tmpfs=mounts) as server:
        server.shell("head -c 2000000 /dev/zero > ~/all-of-it || true")
        desk = open_desk(server, context)
        desk.until_painted()
        for number, slug in enumerate(("files", "terminal", "editor"), start=1):
            desk.open(slug)
            wait_until(lambda: len(desk.windows()) == number, f"{slug} shows no window: {desk.windows()}", SECONDS)  # noqa: B023
        picture_if_wanted(desk.page, "desktop-full-home")
