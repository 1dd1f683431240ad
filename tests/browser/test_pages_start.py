"""The start form, used by mouse and by keyboard."""

from __future__ import annotations

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
    expect(page.get_by_role("radio", name="Notebook")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Imaging")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Medium")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Large")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    expect(page.get_by_role("heading", name="Imaging, Large")).to_be_visible()


def test_the_last_choice_is_remembered(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "returning user", "/hub/spawn")
    expect(page.get_by_role("radio", name="Notebook")).to_be_checked()
    page.get_by_role("radio", name="Imaging").check()
    page.get_by_role("radio", name="Large").check()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=SESSION)).to_be_visible()
    page.goto(f"{hub.url}/hub/home")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("link", name="Choose another environment").click()
    expect(page.get_by_role("radio", name="Imaging")).to_be_checked()
    expect(page.get_by_role("radio", name="Large")).to_be_checked()


def test_sizes_an_environment_is_not_offered_in_cannot_be_chosen(hub: PagesHub, page: Page) -> None:
    hub.log_in(page, "size user", "/hub/spawn")
    expect(page.get_by_role("radio", name="Large")).to_be_disabled()
    page.get_by_role("radio", name="Imaging").check()
    expect(page.get_by_role("radio", name="Large")).to_be_enabled()
    expect(page.get_by_role("radio", name="Small")).to_be_disabled()
    expect(page.get_by_role("radio", name="Medium")).to_be_checked()
    expect(page.locator("#size-note")).to_have_text("The size is now Medium.")


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
    plain.get_by_role("radio", name="Imaging").check()
    plain.get_by_role("radio", name="Medium").check()
    plain.get_by_role("button", name="Start").click()
    expect(plain.get_by_role("heading", name=SESSION)).to_be_visible(timeout=20_000)
    context.close()
