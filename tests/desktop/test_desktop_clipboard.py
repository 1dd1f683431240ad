"""The clipboard between browser and desktop, and the site's switches, which nobody in the desktop can turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import docker
import pytest
from playwright.sync_api import BrowserContext

from lifedesk_hub import singleuser
from tests.desktop.clipboard import box, copy_first_line, paste_into_file
from tests.desktop.desk import IN_DESKTOP, SECONDS, Desk, open_desk, running_session
from tests.images import session
from tests.support.slow_line import Line, slow_line
from tests.support.waiting import wait_until

TEXT = "Ärger mit Öl\nzweite Zeile: 10 µm\n"


def test_text_with_umlauts_and_lines_goes_into_the_desktop_by_the_box(desk: Desk) -> None:
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Clipboard").click()
    desk.page.get_by_label("Text in the clipboard").fill(TEXT)
    desk.page.get_by_role("button", name="Give to the desktop").click()
    desk.page.keyboard.press("Escape")
    paste_into_file(desk, "~/pasted.txt", lines=2)
    wait_until(lambda: desk.server.shell("cat ~/pasted.txt") == TEXT, "the text was not pasted", SECONDS)


def test_what_is_copied_in_the_desktop_comes_to_the_box(desk: Desk) -> None:
    copy_first_line(desk, "Zellgröße 12 µm")
    wait_until(lambda: "Zellgröße 12 µm" in box(desk), "the text did not come out", SECONDS)


@pytest.fixture
def secure_desk(shared_server: session.Server, context: BrowserContext) -> Iterator[Desk]:
    """The desktop at an address of this machine: browsers lend their clipboard to secure pages only, as behind TLS."""
    address = urlsplit(shared_server.url)
    with slow_line(Line(megabits=1000, round_trip_ms=0), address.hostname or "", address.port or 80) as host:
        near = replace(shared_server, url=f"http://{host}{address.path}")
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=f"http://{host}")
        yield open_desk(near, context)


def test_the_browsers_own_clipboard_goes_into_the_desktop(secure_desk: Desk) -> None:
    secure_desk.page.evaluate("text => navigator.clipboard.writeText(text)", TEXT)
    secure_desk.page.evaluate("dispatchEvent(new Event('focus'))")
    wait_until(lambda: box(secure_desk) == TEXT, "the page did not take the text", SECONDS)
    paste_into_file(secure_desk, "~/pasted-by-itself.txt", lines=2)
    script = "cat ~/pasted-by-itself.txt"
    wait_until(lambda: secure_desk.server.shell(script) == TEXT, "the text was not pasted", SECONDS)


def test_what_is_copied_in_the_desktop_comes_to_the_browsers_own_clipboard(secure_desk: Desk) -> None:
    copy_first_line(secure_desk, "Öffnung 5 µm")
    read = "navigator.clipboard.readText()"
    wait_until(lambda: "Öffnung 5 µm" in secure_desk.page.evaluate(read), "the text did not come out", SECONDS)


@pytest.mark.parametrize(("allowed", "into", "out"), [("in", True, False), ("out", False, True), ("", False, False)])
def test_a_direction_that_the_site_closed_stays_closed(
    allowed: str, into: bool, out: bool, docker_engine: docker.DockerClient, hub: session.Hub,
    image_tags: dict[str, str], home: str, context: BrowserContext,
) -> None:  # fmt: skip
    environment = {singleuser.CLIPBOARD_VARIABLE: allowed}
    with running_session(docker_engine, image_tags["desktop"], hub, home, environment) as server:
        desk = open_desk(server, context)
        for parameter, is_open in (("AcceptCutText", into), ("SendCutText", out), ("SendPrimary", out)):
            if not is_open:
                said = server.shell(f"{IN_DESKTOP} vncconfig -set {parameter}=1 2>&1 || true")
                assert "failed" in said
            got = server.shell(f"{IN_DESKTOP} vncconfig -get {parameter}")
            assert got.strip() in (("1", "on", "true") if is_open else ("0", "off", "false"))
        copy_first_line(desk, "geheim")
        if out:
            wait_until(lambda: "geheim" in box(desk), "the text did not come out", SECONDS)
        else:
            desk.run_in_terminal("sleep 30")  # the copy is older than what the screen shows now
            assert desk.page.evaluate("document.querySelector('textarea')?.value ?? ''") == ""
        if not into:
            # Also without the page's own good manners.
            desk.page.keyboard.press("Control+Alt+Shift")
            desk.page.get_by_role("button", name="Clipboard").click()
            assert desk.page.get_by_role("button", name="Give to the desktop").count() == 0
            desk.page.keyboard.press("Escape")
