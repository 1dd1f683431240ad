"""The way to the provider and back, with somebody's hand in it: refused with a page of ours, never with a 5xx."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from tests.support.http_browser import text_of
from tests.support.login_node import RESEARCHER, RESEARCHER2, LoginNode

OTHER_ATTEMPT = "This login was begun in another browser, took too long, or was finished before. Log in again."


def with_parameter(url: str, **parameters: str) -> str:
    """The address with some of its parameters replaced."""
    return str(httpx.URL(url).copy_merge_params(parameters))


@pytest.mark.parametrize(
    "state",
    [
        "",
        "made-up",
        "sta\u00df",
        quote("\x00"),
        base64.urlsafe_b64encode(json.dumps(["a", "list"]).encode()).decode(),
        "x" * 5000,
    ],
)
def test_another_state_is_refused(login_node: LoginNode, state: str) -> None:
    visitor = login_node.visitor()
    page = visitor.browser.open(with_parameter(visitor.callback(RESEARCHER), state=state))
    assert page.status_code == 400
    assert OTHER_ATTEMPT in text_of(page)
    assert visitor.status("/hub/home") == 302


def test_a_state_given_twice_is_refused(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    page = visitor.browser.open(visitor.callback(RESEARCHER) + "&state=other")
    assert page.status_code == 400


def test_the_way_back_counts_once_and_in_one_browser_only(login_node: LoginNode) -> None:
    visitor, thief = login_node.visitor(), login_node.visitor()
    callback = visitor.callback(RESEARCHER)
    stolen = thief.browser.open(callback)
    assert stolen.status_code == 400
    assert OTHER_ATTEMPT in text_of(stolen)
    assert visitor.browser.open(callback).status_code == 200
    again = visitor.browser.open(callback)
    assert again.status_code == 400
    assert OTHER_ATTEMPT in text_of(again)
    assert visitor.status("/hub/home") == 200


def test_the_code_of_another_browser_is_refused(login_node: LoginNode) -> None:
    victim, attacker = login_node.visitor(), login_node.visitor()
    code = parse_qs(urlsplit(attacker.callback(RESEARCHER2)).query)["code"][0]
    page = victim.browser.open(with_parameter(victim.callback(RESEARCHER), code=code))
    assert page.status_code == 400
    assert "did not accept the login" in text_of(page)
    assert victim.status("/hub/home") == 302


def test_a_changed_cookie_is_refused(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    callback = visitor.callback(RESEARCHER)
    name, value = next(
        (name, value) for name, value in visitor.browser.cookies(callback).items() if name.startswith("lifedesk-login-")
    )
    visitor.browser.set_cookie(callback, name, value[:-6] + "abcdef", path="/hub/")
    page = visitor.browser.open(callback)
    assert page.status_code == 400
    assert OTHER_ATTEMPT in text_of(page)


def test_the_issuer_must_come_back_and_be_the_right_one(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    callback = visitor.callback(RESEARCHER)
    assert parse_qs(urlsplit(callback).query)["iss"] == [login_node.provider.issuer]
    url = httpx.URL(callback)
    page = visitor.browser.open(str(url.copy_remove_param("iss")))
    assert page.status_code == 400
    assert "The answer came from another login provider. Log in again." in text_of(page)


def test_an_error_text_in_the_address_is_never_shown(login_node: LoginNode) -> None:
    page = login_node.visitor().open("/hub/oauth_callback?error=x&error_description=Call+555-1234&state=made-up")
    assert page.status_code == 400
    assert OTHER_ATTEMPT in text_of(page)
    assert "555-1234" not in page.text


def test_who_cancels_at_the_provider_reads_so(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    page = visitor.cancel()
    assert page.status_code == 403
    assert "The login at the demo login was cancelled or refused there." in text_of(page)


def test_two_tabs_can_log_in_at_the_same_time(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    first = visitor.callback(RESEARCHER)
    second = visitor.open("/hub/oauth_login", stop_at=f"{login_node.hub.url}/hub/oauth_callback").headers["location"]
    assert visitor.browser.open(first).status_code == 200
    assert visitor.browser.open(second).status_code == 200


def test_a_request_to_log_in_carries_challenge_nonce_and_state_of_its_own(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    urls = [visitor.open("/hub/oauth_login", stop_at=login_node.provider.issuer).headers["location"] for _ in range(2)]
    first, second = (parse_qs(urlsplit(url).query) for url in urls)
    assert first["code_challenge_method"] == ["S256"]
    assert first["response_type"] == ["code"]
    assert first["redirect_uri"] == [f"{login_node.hub.url}/hub/oauth_callback"]
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\x01//evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/@evil.example",
        "/;@evil.example",
        "/hub/../..//evil.example",
        "/hub/%2e%2e/%2e%2e//evil.example",
        "/%5cevil.example",
        "/hub/logout",
        "hub/home",
        "",
    ],
)
def test_a_wanted_page_elsewhere_is_forgotten(login_node: LoginNode, wanted: str) -> None:
    visitor = login_node.visitor()
    response = visitor.browser.request("GET", visitor.callback(RESEARCHER, next_url=wanted))
    assert response.status_code == 302
    assert response.headers["location"] == "/hub/token"


@pytest.mark.parametrize("wanted", ["/hub/spawn", "/hub/home?a=b%20c", "/user/somebody/lab/tree/a%20b"])
def test_a_wanted_page_of_this_hub_is_where_one_arrives(login_node: LoginNode, wanted: str) -> None:
    visitor = login_node.visitor()
    response = visitor.browser.request("GET", visitor.callback(RESEARCHER, next_url=wanted))
    assert response.headers["location"] == wanted


def test_a_forged_host_does_not_change_the_way_back(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    url = f"{login_node.hub.url}/hub/oauth_login"
    location = visitor.browser.request("GET", url, headers={"Host": "evil.example"}).headers["location"]
    assert parse_qs(urlsplit(location).query)["redirect_uri"] == [f"{login_node.hub.url}/hub/oauth_callback"]


def test_no_login_was_answered_with_a_traceback(login_node: LoginNode) -> None:
    assert login_node.visitor().open("/hub/oauth_callback").status_code == 400
    assert "Traceback" not in login_node.hub.log
