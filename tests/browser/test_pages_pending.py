"""The pending page: true stages, elapsed time, failure in words, and going on by itself."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.support.pages_hub import PagesHub

SESSION = "This is the session"


def start(hub: PagesHub, page: Page, person: str) -> None:
    hub.log_in(page, person, "/hub/spawn")
    page.get_by_role("button", name="Start").click()


def expect_stage(page: Page, stage: str) -> None:
    expect(page.locator('[aria-current="step"]')).to_have_attribute("data-stage", stage)


def test_the_page_shows_each_stage_as_it_is_reached_and_then_the_session(hub: PagesHub, page: Page) -> None:
    person = "stage user"
    for stage in ("image", "container", "server"):
        hub.hold(person, stage)
    start(hub, page, person)
    expect_stage(page, "image")
    expect(page.get_by_role("status")).to_have_text("Looking for the environment's image")
    hub.release(person, "image")
    expect_stage(page, "container")
    expect(page.locator("[data-stage=image]")).to_contain_text("done")
    expect(page.get_by_role("status")).to_have_text("Making your container")
    hub.release(person, "container")
    expect_stage(page, "server")
    hub.release(person, "server")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_elapsed_time_goes_on_and_survives_a_reload(hub: PagesHub, page: Page) -> None:
    person = "patient user"
    hub.hold(person, "container")
    start(hub, page, person)
    elapsed = page.get_by_role("timer")
    expect(elapsed).to_have_text(re.compile(r"^[2-9]$"))
    page.reload()
    expect_stage(page, "container")
    assert int(elapsed.inner_text()) >= 2
    hub.release(person, "container")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_the_pending_page_of_a_ready_session_is_the_session_itself(hub: PagesHub, page: Page) -> None:
    start(hub, page, "quick user")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    name = page.url.split("/user/")[1].split("/")[0]
    shown: list[str] = []
    page.on("domcontentloaded", lambda loaded: shown.append(loaded.title()))
    page.goto(f"{hub.url}/hub/spawn-pending/{name}")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    assert shown == ["Session"]


def test_a_failed_start_says_why_and_can_be_tried_again(hub: PagesHub, page: Page) -> None:
    person = "unlucky user"
    sentence = "The image of Notebook is not on this node. Choose another environment, or ask the helpdesk."
    hub.hold(person, "image")
    hub.fail(person, "server", sentence)
    start(hub, page, person)
    expect_stage(page, "image")
    hub.release(person, "image")
    expect(page.get_by_role("heading", name="Your session did not start")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text(sentence)
    assert "secret place" not in page.content(), "what is written for the log was shown to a user"
    expect(page.get_by_text("Kind of failure")).to_be_hidden()
    page.get_by_text("Details for the operator").click()
    expect(page.get_by_text("SpawnException")).to_be_visible()
    hub.mend(person, "server")
    page.get_by_role("link", name="Try again").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_a_start_that_fails_at_once_says_why_above_the_form(hub: PagesHub, page: Page) -> None:
    person = "unluckiest user"
    hub.fail(person, "image", "The node is out of disk space. Ask the helpdesk.")
    start(hub, page, person)
    expect(page.get_by_role("alert")).to_have_text("The node is out of disk space. Ask the helpdesk.")
    hub.mend(person, "image")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_the_page_goes_on_when_the_proxy_dies_and_the_event_stream_with_it(hub: PagesHub, page: Page) -> None:
    person = "interrupted user"
    hub.hold(person, "container")
    start(hub, page, person)
    expect_stage(page, "container")
    hub.kill_proxy()
    expect(page.get_by_role("status")).to_contain_text("this page keeps trying")
    expect(page.get_by_role("status")).to_have_text("Making your container", timeout=30_000)
    hub.release(person, "container")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible(timeout=30_000)


def test_the_page_goes_on_without_any_event_stream(hub: PagesHub, page: Page) -> None:
    person = "streamless user"
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=502)

    page.route("**/progress?*", refuse)
    hub.hold(person, "container")
    start(hub, page, person)
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^[3-9]$"))
    assert 1 < len(refused) < 10, "the stream is asked for again, but not in a storm"
    hub.release(person, "container")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_a_start_can_be_cancelled_and_made_again(hub: PagesHub, page: Page) -> None:
    person = "hesitant user"
    hub.hold(person, "container")
    start(hub, page, person)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Not running")).to_be_visible()
    hub.release(person, "container")
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
