"""The start form, used by mouse and by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.pages_hub import PagesHub

SESSION = "This is the session"


def test_a_session_is_started_with_the_mouse(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "mouse user", "/hub/spawn")
    page.get_by_text("Structural biology").click()
    page.get_by_text("8 cores, 32 GB memory").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    expect(page.get_by_role("heading", name="Structural biology, Large")).to_be_visible()


def test_a_session_is_started_with_the_keyboard_alone(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "keyboard user", "/hub/spawn")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Notebook", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Imaging", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="JupyterLab", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Desktop", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Medium", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Large", exact=True)).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    expect(page.get_by_role("heading", name="Imaging, Large, Desktop")).to_be_visible()
    expect(page.get_by_role("link", name="Open JupyterLab")).to_have_attribute("href", re.compile("/user/[^/]+/lab$"))


def test_the_last_choice_is_remembered(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "returning user", "/hub/spawn")
    expect(page.get_by_role("radio", name="Notebook", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_role("radio", name="Large", exact=True).check()
    page.get_by_role("radio", name="Desktop", exact=True).check()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("link", name="Choose another environment").click()
    expect(page.get_by_role("radio", name="Imaging", exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name="Large", exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name="Desktop", exact=True)).to_be_checked()


def test_sizes_an_environment_is_not_offered_in_cannot_be_chosen(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "size user", "/hub/spawn")
    expect(page.get_by_role("radio", name="Large", exact=True)).to_be_disabled()
    page.get_by_role("radio", name="Imaging", exact=True).check()
    expect(page.get_by_role("radio", name="Large", exact=True)).to_be_enabled()
    expect(page.get_by_role("radio", name="Small", exact=True)).to_be_disabled()
    expect(page.get_by_role("radio", name="Medium", exact=True)).to_be_checked()
    expect(page.locator("#size-note")).to_have_text("The size is now Medium.")


def test_what_an_environment_cannot_open_with_cannot_be_chosen(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "interface user", "/hub/spawn")
    expect(page.get_by_role("radio", name="Desktop", exact=True)).to_be_disabled()
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_role("radio", name="Desktop", exact=True).check()
    page.get_by_role("radio", name="Notebook", exact=True).check()
    expect(page.get_by_role("radio", name="JupyterLab", exact=True)).to_be_checked()
    expect(page.locator("#size-note")).to_have_text("The session now opens with JupyterLab.")


def test_the_pending_page_says_that_the_desktop_opens(hub: PagesHub, page: Page) -> None:
    hub.hold("desktop user", "desktop")
    hub.log_in(page, "desktop user", "/hub/spawn?opt-profile=imaging&opt-interface=desktop")
    expect(page.locator('[data-stage="desktop"]')).to_have_attribute("aria-current", "step")
    expect(page.get_by_role("status")).to_have_text("Opening the desktop")
    hub.release("desktop user", "desktop")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_an_earlier_version_is_chosen_behind_more_and_remembered(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "reproducing user", "/hub/spawn")
    expect(page.get_by_text("More: earlier versions")).to_be_hidden()
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_text("More: earlier versions").click()
    page.get_by_label("Version").select_option("3f2a91c07b44")
    expect(page.get_by_label("Version").locator("option:checked")).to_have_text(
        "Built 3 September 2026, release 0.2.0 (3f2a91c07b44)"
    )
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    expect(page.get_by_role("heading", name="Imaging, Medium, JupyterLab, an earlier version")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("link", name="Choose another environment").click()
    expect(page.get_by_label("Version")).to_have_value("3f2a91c07b44")
    page.get_by_role("radio", name="Notebook", exact=True).check()
    expect(page.get_by_label("Version")).to_have_value("")


def test_a_version_that_is_gone_is_refused_with_what_is_there(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "late user", "/hub/spawn?opt-profile=imaging&opt-version=ffffffffffff")
    expect(page.get_by_role("alert")).to_have_text(
        "Version 'ffffffffffff' of Imaging is not on this node. There are: 3f2a91c07b44 (3 September 2026, release "
        "0.2.0); and the present one, without a version."
    )


def test_an_environment_that_cannot_start_now_says_why(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "impatient user", "/hub/spawn")
    expect(page.get_by_role("radio", name="Medical imaging", exact=True)).to_be_disabled()
    expect(page.locator("#about-medical")).to_contain_text("Being built")
    expect(page.get_by_role("radio", name="Training", exact=True)).to_be_enabled()
    expect(page.locator("#about-training")).to_contain_text("1 GPU: 1 of 2 free")
    expect(page.get_by_role("radio", name="Folding", exact=True)).to_be_disabled()
    expect(page.locator("#about-folding")).to_contain_text("4 GPUs: this node has only 2")


def test_a_refusal_is_said_on_the_same_page_and_the_next_try_works(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "refused user", "/hub/spawn")
    page.evaluate("document.querySelector('input[name=size]:checked').value = 'huge'")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Size 'huge' is not offered for notebook. Choose one of: small, medium."
    )
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()


def test_the_form_works_without_scripts(hub: PagesHub, page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    hub.log_in(plain, "scriptless user", "/hub/spawn")
    plain.get_by_role("radio", name="Imaging", exact=True).check()
    plain.get_by_role("radio", name="Medium", exact=True).check()
    plain.get_by_role("button", name="Start").click()
    expect(plain.get_by_role("heading", name=SESSION)).to_be_visible(timeout=20_000)
    context.close()
