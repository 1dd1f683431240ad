"""Every page: accessible in both colour schemes, fits a narrow window, loads and frames nothing foreign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import grave_violations, picture_if_wanted, scrolls_sideways
from tests.support.pages_hub import PagesHub

LOGGED_OUT = ("login", "logged-out", "nowhere", "error/503")
LOGGED_IN = (
    "home",
    "spawn",
    "token",
    "error/403",
    "api/oauth2/authorize?client_id=service-viewer&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback",
)


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def strict_page(browser: Browser, scheme: str) -> Iterator[Page]:
    """A narrow page in the scheme; fails afterwards if a script failed or something was blocked by policy."""
    faults: list[str] = []
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme="dark" if scheme == "dark" else "light"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    yield page
    context.close()
    assert not faults


def expect_good(page: Page, name: str) -> None:
    """The page at 320 pixels, which is also 1280 at 400 % zoom. With LIFEDESK_PICTURES set it can be looked at."""
    picture_if_wanted(page, name)
    assert not scrolls_sideways(page), f"{name} scrolls sideways"
    assert grave_violations(page) == []


def test_pages_before_login(hub: PagesHub, strict_page: Page, scheme: str) -> None:
    for path in LOGGED_OUT:
        strict_page.goto(f"{hub.url}/hub/{path}")
        expect_good(strict_page, f"{path}-{scheme}")


def test_pages_after_login(hub: PagesHub, strict_page: Page, scheme: str) -> None:
    for path in LOGGED_IN:
        hub.log_in(strict_page, f"curious user {scheme}", f"/hub/{path}")
        expect_good(strict_page, f"{path.split('?')[0]}-{scheme}")


def test_pages_of_a_start(hub: PagesHub, strict_page: Page, scheme: str) -> None:
    person = f"observant user {scheme}"
    hub.hold(person, "container")
    hub.log_in(strict_page, person, "/hub/spawn")
    strict_page.get_by_role("button", name="Start").click()
    expect(strict_page.locator('[data-stage="container"]')).to_have_attribute("aria-current", "step")
    expect_good(strict_page, f"pending-{scheme}")
    strict_page.goto(f"{hub.url}/hub/home")
    expect_good(strict_page, f"home-starting-{scheme}")
    hub.release(person, "container")
    strict_page.get_by_role("link", name="See its progress").click()
    expect(strict_page.get_by_role("heading", name="This is the session")).to_be_visible()
    strict_page.goto(f"{hub.url}/hub/home")
    expect_good(strict_page, f"home-running-{scheme}")
    strict_page.goto(f"{hub.url}/hub/token")
    expect_good(strict_page, f"token-{scheme}")
    strict_page.goto(f"{hub.url}/hub/home")
    hub.hold(person, "stop")
    strict_page.get_by_role("button", name="Stop").click()
    name = strict_page.locator("body").get_attribute("data-user")
    strict_page.goto(f"{hub.url}/hub/spawn-pending/{name}")
    expect(strict_page.get_by_role("heading", name="Your session is stopping")).to_be_visible()
    expect_good(strict_page, f"stopping-{scheme}")
    hub.release(person, "stop")
    expect(strict_page.get_by_role("heading", name="Your session is not running")).to_be_visible()
    expect_good(strict_page, f"not-running-{scheme}")
    strict_page.get_by_role("link", name="Home").last.click()
    expect(strict_page.get_by_text("Not running")).to_be_visible()
    expect_good(strict_page, f"home-stopped-{scheme}")


def test_page_of_a_failed_start(hub: PagesHub, strict_page: Page, scheme: str) -> None:
    person = f"hapless user {scheme}"
    hub.hold(person, "image")
    hub.fail(person, "server", "The node is out of disk space. Ask the helpdesk.")
    hub.log_in(strict_page, person, "/hub/spawn")
    strict_page.get_by_role("button", name="Start").click()
    expect(strict_page.get_by_role("heading", name="Your session is starting")).to_be_visible()
    hub.release(person, "image")
    expect(strict_page.get_by_role("heading", name="Your session did not start")).to_be_visible()
    expect_good(strict_page, f"failed-{scheme}")


def test_administration(hub: PagesHub, strict_page: Page, scheme: str) -> None:
    hub.log_in(strict_page, "operator of the look", "/hub/admin")
    name = strict_page.locator("body").get_attribute("data-user")
    expect(strict_page.get_by_test_id(f"user-name-div-{name}")).to_have_text("Operator Of The Look")
    expect_good(strict_page, f"admin-{scheme}")


def test_colours_follow_the_scheme(hub: PagesHub, strict_page: Page, scheme: str) -> None:
    strict_page.goto(f"{hub.url}/hub/login")
    colour = strict_page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == {"light": "rgb(244, 246, 243)", "dark": "rgb(15, 21, 20)"}[scheme]


def test_pages_load_nothing_from_elsewhere_and_keep_their_fetters(hub: PagesHub, page: Page) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    answer = page.goto(f"{hub.url}/hub/login")
    assert answer is not None
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert requested
    assert all(url.startswith(hub.url) for url in requested)


def test_an_inline_script_does_not_run(hub: PagesHub, page: Page) -> None:
    page.goto(f"{hub.url}/hub/login")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"
    )
    assert page.evaluate("window.ran") is None


def test_files_outside_the_static_folders_are_not_served(hub: PagesHub, page: Page) -> None:
    for path in ("lifedesk/../templates/home.html", "lifedesk/..%2Ftemplates%2Fhome.html", "lifedesk/nothing.js"):
        assert page.request.get(f"{hub.url}/hub/static/{path}").status in (403, 404)
    styles = page.request.get(f"{hub.url}/hub/static/lifedesk/hub.css")
    assert styles.headers["content-type"] == "text/css"
