"""The desktop's page in a browser: it paints, follows the window, types, copies, and comes back."""

from __future__ import annotations

import json
from typing import Literal

import docker
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.desktop.desk import SECONDS, Desk, changed_share, open_desk, running_session
from tests.images import session
from tests.support.browser import grave_violations, picture_if_wanted, scrolls_sideways
from tests.support.waiting import wait_until

# Keys as a browser reports them on keyboards of several layouts: key, code, and whether AltGr is held.
FOREIGN_KEYS = {
    "de": [("ö", "Semicolon", False), ("ß", "Minus", False), ("z", "KeyY", False), ("@", "KeyQ", True)],
    "fr": [("é", "Digit2", False), ("ç", "Digit9", False), ("a", "KeyQ", False), ("@", "Digit0", True)],
}

# What noVNC says to pages without TLS, as those of tests are.
INSECURE = "noVNC requires a secure context (TLS). Expect crashes!"


def text_of(server: session.Server, path: str) -> str:
    return server.shell(f"cat {path} 2>/dev/null || true")


def until_file(server: session.Server, path: str, text: str) -> None:
    wait_until(lambda: text_of(server, path) == text, f"{path} holds {text_of(server, path)!r}, not {text!r}", SECONDS)


def press(desk: Desk, key: str, code: str, with_altgr: bool) -> None:
    """A key as a keyboard of the layout in question sends it."""
    devtools = desk.devtools()
    altgr = {"key": "AltGraph", "code": "AltRight", "location": 2}
    if with_altgr:
        devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **altgr})
    for kind in ("keyDown", "keyUp"):
        devtools.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": key, "code": code, "text": key if kind == "keyDown" else ""}
        )
    if with_altgr:
        devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **altgr})


def test_the_desktop_is_painted_and_the_bar_says_what_it_has(desk: Desk) -> None:
    desk.until_painted()
    picture_if_wanted(desk.page, "desktop")
    desk.page.keyboard.press("Control+Alt+Shift")
    expect(desk.page.get_by_role("button", name="Clipboard")).to_be_focused()
    desk.page.get_by_role("button", name="Keyboard and picture").click()
    picture_if_wanted(desk.page, "desktop-bar")
    assert grave_violations(desk.page) == []
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("navigation")).to_be_hidden()


def test_the_page_is_readable_in_the_dark(desk: Desk) -> None:
    desk.page.emulate_media(color_scheme="dark")
    for panel in ("Clipboard", "Keyboard and picture", "Download"):
        desk.page.keyboard.press("Control+Alt+Shift")
        desk.page.get_by_role("button", name=panel).click()
        assert grave_violations(desk.page) == []
        picture_if_wanted(desk.page, f"desktop-dark-{panel.split()[0].lower()}")
        desk.page.keyboard.press("Escape")


def test_full_screen_by_button_leaves_the_desktop_alone_on_the_screen_with_the_keyboard(desk: Desk) -> None:
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Full screen").focus()
    desk.page.keyboard.press("Enter")
    wait_until(lambda: desk.page.evaluate("document.fullscreenElement !== null"), "no full screen", SECONDS)
    expect(desk.page.get_by_role("navigation")).to_be_hidden()
    assert desk.page.evaluate("document.activeElement.tagName") == "CANVAS"
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Full screen").click()
    wait_until(lambda: desk.page.evaluate("document.fullscreenElement === null"), "still full screen", SECONDS)


def test_keys_that_opened_the_bar_are_not_down_in_the_desktop_any_more(desk: Desk) -> None:
    desk.run_in_terminal("head -n 1 > ~/after-the-bar.txt")
    desk.page.keyboard.press("Control+Alt+Shift")
    expect(desk.page.get_by_role("button", name="Clipboard")).to_be_focused()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.type("typed\n", delay=20)
    until_file(desk.server, "~/after-the-bar.txt", "typed\n")


def test_a_click_beside_an_open_panel_closes_the_bar(desk: Desk) -> None:
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Clipboard").click()
    panel = desk.page.locator("#panel").bounding_box()
    assert panel
    # With the button that opens no menu of the desktop: it would stand in the way of the next test.
    desk.page.mouse.click(panel["x"] - 20, panel["y"] + panel["height"] / 2, button="middle")
    expect(desk.page.get_by_role("navigation")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_the_bar_is_reached_by_keyboard_on_a_narrow_screen(desk: Desk, scheme: Literal["light", "dark"]) -> None:
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 568})
    page.keyboard.press("Control+Alt+Shift")
    reached = []
    for _ in range(6):
        reached.append(page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("Tab")
    assert reached == ["Clipboard", "Keyboard and picture", "Download", "Upload", "Full screen", "JupyterLab"]
    page.get_by_role("button", name="Clipboard").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox").first).to_be_focused()
    assert not scrolls_sideways(page)
    assert grave_violations(page) == []
    picture_if_wanted(page, f"desktop-narrow-{scheme}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation")).to_be_hidden()


def test_the_page_asks_for_nothing_that_is_not_there(shared_server: session.Server, context: BrowserContext) -> None:
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    open_desk(shared_server, context).until_painted()
    assert complaints == [INSECURE]


def test_a_session_that_has_stopped_is_told_with_the_way_to_start_it(
    docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], home: str, context: BrowserContext
) -> None:
    with running_session(docker_engine, image_tags["desktop"], hub, home) as server:
        desk = open_desk(server, context)
        # What the hub answers in the place of a session that has stopped.
        context.route("**/lifedesk/api/**", lambda route: route.fulfill(status=424, body="{}"))
        context.route("**/user/ada/api", lambda route: route.abort())
        server.shell("pkill -KILL Xtigervnc")
        wait_until(lambda: desk.words().startswith("Your session is not running."), desk.words(), SECONDS)
        assert desk.page.get_by_role("link", name="Start it").get_attribute("href") == "/hub/home"
        picture_if_wanted(desk.page, "desktop-stopped")


def test_the_screen_has_the_size_of_the_window(desk: Desk) -> None:
    for width, height in ((1000, 640), (1440, 900)):
        desk.page.set_viewport_size({"width": width, "height": height})
        wait_until(lambda: desk.screen().size == (width, height), f"the screen is {desk.screen().size}", SECONDS)  # noqa: B023
    desk.until_painted()


def test_a_program_is_opened_once_by_the_address(shared_server: session.Server, context: BrowserContext) -> None:
    shared_server.shell("printf 'Zellen' > ~/notes.txt")
    desk = open_desk(shared_server, context, "?app=editor&path=notes.txt")
    desk.until_window("notes.txt")
    desk.page.reload()
    desk.until_connected()
    assert len([window for window in desk.windows() if "notes.txt" in window]) == 1


def test_the_menu_starts_programs(desk: Desk) -> None:
    before = len(desk.windows())
    desk.until_painted()
    height = desk.screen().height
    desk.page.mouse.click(50, height - 15)
    wait_until(lambda: changed_share(desk.until_painted(), desk.screen()) < 0.01, "the menu does not settle", SECONDS)
    desk.page.mouse.click(60, height - 85)
    wait_until(lambda: len(desk.windows()) > before, "the menu started nothing", SECONDS)


def test_two_tabs_show_and_type_into_one_desktop(desk: Desk, context: BrowserContext) -> None:
    desk.run_in_terminal("head -n 2 > ~/typed.txt")
    second = open_desk(desk.server, context)
    desk.page.bring_to_front()
    desk.page.keyboard.type("first\n")
    second.page.bring_to_front()
    second.page.keyboard.type("second\n")
    until_file(desk.server, "~/typed.txt", "first\nsecond\n")
    assert desk.state() == second.state() == "connected"


@pytest.mark.parametrize("layout", FOREIGN_KEYS)
def test_the_first_key_of_another_layout_arrives(desk: Desk, layout: str) -> None:
    desk.page.evaluate("layout => localStorage.setItem('lifedesk-keyboard', layout)", layout)
    with desk.page.expect_response("**/desktop/keyboard") as answered:
        desk.page.reload()
        desk.until_connected()
    assert answered.value.status == 204
    path = f"~/keys-{layout}.txt"
    desk.run_in_terminal(f"head -n 1 > {path}")
    for key, code, with_altgr in FOREIGN_KEYS[layout]:
        press(desk, key, code, with_altgr)
    desk.page.keyboard.press("Enter")
    until_file(desk.server, path, "".join(key for key, _, _ in FOREIGN_KEYS[layout]) + "\n")


def test_a_chosen_layout_is_kept_and_set(desk: Desk) -> None:
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Keyboard and picture").click()
    with desk.page.expect_request("**/desktop/keyboard") as asked:
        desk.page.get_by_label("Keyboard", exact=True).select_option("ch fr")
    assert json.loads(asked.value.post_data or "") == {"layout": "ch", "variant": "fr"}
    assert desk.page.evaluate("localStorage.getItem('lifedesk-keyboard')") == "ch fr"


def test_an_unknown_layout_is_refused_in_a_sentence(desk: Desk) -> None:
    for layout in ("xx", "../de", "de;id"):
        answer = desk.page.evaluate(
            """async (layout) => { const told = JSON.parse(document.body.dataset.told);
            const answer = await fetch(told.baseUrl + 'lifedesk/api/desktop/keyboard', {method: 'PUT',
              headers: {'X-XSRFToken': told.xsrfToken}, body: JSON.stringify({layout})});
            return [answer.status, (await answer.json()).message]; }""",
            layout,
        )
        assert answer[0] == 400
        assert "keyboard layout" in answer[1]
