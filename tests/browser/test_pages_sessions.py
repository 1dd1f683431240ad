"""Home, tokens and administration: people find their session again, and see names."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.pages_hub import PagesHub

SESSION = "This is the session"
HUB_NAME = re.compile(r"\bu[a-z2-7]{24}\b")


@pytest.fixture
def running(hub: PagesHub, page: Page, request: pytest.FixtureRequest) -> Page:
    """Home page of somebody whose session runs."""
    hub.log_in(page, f"person of {request.node.name[5:].replace('_', ' ')}", "/hub/spawn")
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    return page


def test_home_tells_what_runs_and_since_when(running: Page) -> None:
    expect(running.get_by_role("heading", name="Imaging, Medium, JupyterLab")).to_be_visible()
    expect(running.locator(".state")).to_have_text(re.compile("Running"))
    expect(running.locator("time")).to_have_text(re.compile(r"^\d{1,2} \w{3} \d{4}, \d\d:\d\d$"))
    running.get_by_role("link", name="Open", exact=True).click()
    expect(running.get_by_role("heading", name=SESSION)).to_be_visible()


def test_a_session_is_stopped_and_started_again_with_the_same_choice(hub: PagesHub, running: Page) -> None:
    running.get_by_role("button", name="Stop").click()
    expect(running.get_by_text("Not running")).to_be_visible()
    running.get_by_role("button", name="Start again").click()
    expect(running.get_by_role("heading", name=SESSION)).to_be_visible()
    running.goto(f"{hub.url}/hub/home")
    expect(running.get_by_role("heading", name="Imaging, Medium, JupyterLab")).to_be_visible()


def test_restart_makes_a_new_session_of_the_same_choice(hub: PagesHub, running: Page) -> None:
    name = running.locator("body").get_attribute("data-user")
    before = running.request.get(f"{hub.url}/hub/api/users/{name}").json()["servers"][""]["started"]
    running.get_by_role("button", name="Restart").click()
    expect(running.get_by_role("heading", name=SESSION)).to_be_visible()
    after = running.request.get(f"{hub.url}/hub/api/users/{name}").json()["servers"][""]
    assert after["started"] > before
    assert after["user_options"] == {"profile": "imaging", "size": "medium", "interface": "lab"}


def test_who_comes_back_lands_in_the_running_session(hub: PagesHub, running: Page) -> None:
    running.goto(hub.url)
    expect(running.get_by_role("heading", name=SESSION)).to_be_visible()


def test_the_page_of_a_stopped_session_offers_to_start_one(hub: PagesHub, running: Page) -> None:
    running.get_by_role("button", name="Stop").click()
    expect(running.get_by_text("Not running")).to_be_visible()
    name = running.locator("body").get_attribute("data-user")
    running.goto(f"{hub.url}/user/{name}/lab")
    expect(running.get_by_role("heading", name="Your session is not running")).to_be_visible()
    running.get_by_role("link", name="Start a session").click()
    expect(running.get_by_role("radio", name="Imaging", exact=True)).to_be_checked()


def test_who_never_started_anything_is_offered_the_form(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "new user")
    page.get_by_role("link", name="Start a session").click()
    expect(page.get_by_role("group", name="Environment")).to_be_visible()


def test_login_is_one_button_and_leads_on(hub: PagesHub, page: Page) -> None:
    page.goto(hub.url)
    page.get_by_role("link", name="Log in with Example Login").click()
    expect(page.get_by_text("Rosalind Franklin")).to_be_visible()
    expect(page.get_by_role("heading", name="Start a session")).to_be_visible()


@pytest.mark.parametrize("path", ["home", "token", "spawn"])
def test_people_see_their_name_and_never_that_of_the_hub(hub: PagesHub, page: Page, path: str) -> None:
    hub.log_in(page, "barbara mcclintock", "/hub/spawn")
    if page.get_by_role("button", name="Start").is_visible():
        page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/{path}")
    if path == "spawn":  # a session runs: the form is that of somebody else
        hub.log_in(page, "barbara mcclintock ii", "/hub/spawn")
    expect(page.locator(".person-name")).to_contain_text("Barbara Mcclintock")
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    assert not HUB_NAME.search(page.locator("body").inner_text())


def test_a_token_is_made_used_and_revoked(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "token user", "/hub/token")
    page.get_by_label("What is it for?").fill("Nightly export")
    page.get_by_label("Expires after").select_option("1 Day")
    page.get_by_role("button", name="Make token").click()
    token = page.locator("#new-token").inner_text()
    headers = {"Authorization": f"token {token}"}
    assert httpx.get(f"{hub.url}/hub/api/user", headers=headers).status_code == 200
    page.reload()
    page.get_by_role("button", name="Revoke the token for Nightly export").click()
    expect(page.get_by_text("Nightly export")).to_be_hidden()
    assert httpx.get(f"{hub.url}/hub/api/user", headers=headers).status_code == 403


def test_a_token_with_impossible_permissions_is_refused_in_words(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "greedy user", "/hub/token")
    page.get_by_label("What is it for?").fill("Everything")
    page.get_by_label("Permissions", exact=True).fill("admin:users")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_role("alert")).to_contain_text("The token was not made")


def test_administration_lists_people_by_name(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "dorothy hodgkin")
    name = page.locator("body").get_attribute("data-user")
    hub.log_in(page, "operator of the tests", "/hub/admin")
    expect(page.get_by_test_id(f"user-name-div-{name}")).to_have_text("Dorothy Hodgkin")
    for label in ("Shutdown Hub", "Add Users", "Manage Groups", "Access Server"):
        expect(page.get_by_text(label, exact=True).filter(visible=True)).to_have_count(0)
    expect(page.get_by_text("Start Server", exact=True).filter(visible=True).first).to_be_visible()
    page.get_by_placeholder("Search Users").fill(str(name))
    expect(page.get_by_text("Displaying 1-1 of 1")).to_be_visible()
    expect(page.get_by_test_id(f"user-name-div-{name}")).to_have_text("Dorothy Hodgkin")
