"""The whole story in a browser: log in, choose, own container, find data, pull, see it, stop."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import grave_violations, picture
from tests.support.lab_page import WIDGET, colours, log_in, run_cell, wait_for_kernel
from tests.support.node import Node, Person, logged_in

pytestmark = pytest.mark.timeout(600)
PATIENCE_MS = 90_000


@pytest.fixture
def researcher_leaves(node: Node) -> Iterator[None]:
    """The researcher's session is ended and what they pulled removed, whatever became of the test."""
    yield
    with logged_in(node, "researcher") as person:
        if person.has_session:
            person.run("rm", "-rf", "/home/jovyan/data")


def container_image(node: Node, person: Person) -> str:
    command = ["docker", "inspect", "--format", "{{.Config.Image}} {{.HostConfig.Memory}}", person.container]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.usefixtures("researcher_leaves")
def test_a_researcher_logs_in_starts_finds_pulls_sees_and_stops(node: Node, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    log_in(page, node, "researcher")
    page.get_by_role("heading", name=re.compile("Start")).first.wait_for()
    assert "Rosalind Researcher" in page.locator("header").inner_text()
    picture(page, "story-1-start")
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_role("radio", name="JupyterLab", exact=True).check()
    page.get_by_role("radio", name="Small", exact=True).check()
    page.get_by_role("button", name="Start", exact=True).click()

    page.wait_for_url("**/lab**")
    with_files = page.locator(".jp-DirListing-item", has_text="first-steps")
    with_files.wait_for()
    picture(page, "story-2-lab")
    with logged_in(node, "researcher") as person:  # the same person, scripted, to look inside
        image, memory = container_image(node, person).split()
        assert image == node.deployment["images"]["imaging"]
        assert int(memory) == 2 * 2**30

        with_files.dblclick()
        page.locator(".jp-DirListing-item", has_text="01_first_steps.ipynb").dblclick()
        wait_for_kernel(page)
        run_cell(page)
        page.locator(f"{WIDGET} .ld-result").first.wait_for()
        page.locator(f"{WIDGET} input[name=query]").fill("epithelial")
        page.keyboard.press("Enter")
        page.locator(".ld-summary", has_text="“epithelial”").wait_for()
        page.locator(".ld-title", has_text="Epithelial cells in three dimensions").click()
        page.locator('.ld-pull button[data-action="pull"]').click()
        page.locator(".ld-pull .ld-primary", has_text="Open").click()
        drawn = page.locator("img.ld-picture")
        drawn.wait_for()
        pixels = colours(drawn).astype(int)
        blue, red, green = ((pixels[:, one] - pixels[:, other] > 60).mean() for one, other in ((2, 0), (0, 1), (1, 0)))
        assert min(blue, red, green) > 0.01, "nuclei, actin or mitochondria are not drawn in their colours"
        assert grave_violations(page, WIDGET) == []
        picture(page, "story-3-seen")
        crate = json.loads(person.run("cat", "/home/jovyan/data/site/demo-cells-3d/ro-crate-metadata.json"))
        assert any(entity["@id"] == "./" and entity["license"] for entity in crate["@graph"])

        page.goto(f"{node.url}/hub/home")
        picture(page, "story-4-home")
        page.get_by_role("button", name=re.compile("Stop")).click()
        expect(page.get_by_role("button", name="Start again")).to_be_visible(timeout=60_000)
        assert not person.has_session
    assert not errors


def test_the_stranger_is_refused_with_a_sentence_that_says_whom_to_ask(node: Node, page: Page) -> None:
    log_in(page, node, "stranger")
    said = page.locator("main").inner_text()
    assert "Sam Stranger" in said
    assert "you do not belong to any group of Lifedesk demo" in said
    assert "Ask the Lifedesk helpdesk (helpdesk@lifedesk.example) for access." in said
    assert grave_violations(page) == []
    picture(page, "story-stranger")


def test_the_refused_stranger_can_log_in_with_another_account(node: Node, page: Page) -> None:
    log_in(page, node, "stranger")
    page.get_by_role("link", name="Log in with another account").click()
    page.get_by_label("Account name").fill("researcher2")
    page.get_by_label("Password").fill(node.password("researcher2"))
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("heading", name=re.compile("Start")).first.wait_for()
    assert "Ramón Researcher" in page.locator("header").inner_text()


def test_after_logging_out_the_password_is_asked_for_again(node: Node, page: Page) -> None:
    log_in(page, node, "researcher2")
    page.get_by_role("heading", name=re.compile("Start")).first.wait_for()
    page.get_by_role("link", name="Log out").or_(page.get_by_role("button", name="Log out")).click()
    page.wait_for_url(re.compile("/hub/log(in|out)"))
    page.goto(node.url)
    page.get_by_role("link", name=re.compile("Log in")).or_(
        page.get_by_role("button", name=re.compile("Log in"))
    ).click()
    expect(page.get_by_label("Password")).to_be_visible()
