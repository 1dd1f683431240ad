"""What people see while the hub itself is down."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from lifedesk_hub.node.ports import free_port
from lifedesk_hub.pages import PROXY_ERRORS_FOLDER
from tests.support.browser import grave_violations, picture_if_wanted, scrolls_sideways
from tests.support.proxy import proxy_command
from tests.support.waiting import wait_until


def listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


@pytest.fixture(scope="module")
def proxy_without_hub() -> Iterator[str]:
    """Address of a proxy in front of nothing."""
    port, nobody = free_port(), free_port()
    command = [*proxy_command(), "--ip", "127.0.0.1", "--port", str(port), "--api-ip", "127.0.0.1"]
    command += ["--api-port", str(free_port()), "--default-target", f"http://127.0.0.1:{nobody}"]
    process = subprocess.Popen([*command, "--error-path", str(PROXY_ERRORS_FOLDER)], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), "the proxy did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_proxy_says_by_itself_that_nobody_answers(browser: Browser, proxy_without_hub: str, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    answer = page.goto(f"{proxy_without_hub}/hub/home")
    assert answer is not None
    assert answer.status == 503
    expect(page.get_by_role("heading", name="No answer at the moment")).to_be_visible()
    expect(page.get_by_role("link", name="home page")).to_have_attribute("href", "/hub/home")
    picture_if_wanted(page, f"no-answer-{scheme}")
    assert not scrolls_sideways(page)
    assert grave_violations(page) == []
    context.close()
