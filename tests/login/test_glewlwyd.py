"""Login through Glewlwyd, an independent provider that refuses every request without a nonce."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.support.debian_peers import Glewlwyd
from tests.support.http_browser import text_of
from tests.support.hub_process import LoginHub, Visitor, login_site, other_provider


@dataclass(frozen=True)
class Pair:
    hub: LoginHub
    provider: Glewlwyd


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("glewlwyd")
    hub = LoginHub(folder / "hub")
    people = {"ada": ["scientists", "walkers"], "grace": ["timelords"], "sam": ["walkers"]}
    with Glewlwyd(folder / "glewlwyd", hub.url).running(people) as provider:
        try:
            login = other_provider(provider.issuer, groups_claim="groups", extra_scopes=["profile"])
            hub.start(login_site(**login), None)
            yield Pair(hub, provider)
        finally:
            hub.stop()


def log_in(pair: Pair, visitor: Visitor, name: str, password: str) -> httpx.Response:
    return pair.provider.log_in(visitor.browser, visitor.begin("/hub/home"), name, password)


def test_members_get_in_with_the_groups_that_this_node_knows(pair: Pair) -> None:
    names = set()
    for name in ("ada", "grace"):
        visitor = Visitor(pair.hub)
        page = log_in(pair, visitor, name, f"{name}-password")
        assert str(page.url) == f"{pair.hub.url}/hub/home", text_of(page)
        user = pair.hub.user(visitor.name())
        assert user["groups"] == ["plain"]
        names.add(user["name"])
    assert len(names) == 2


def test_somebody_without_a_group_of_this_node_is_refused(pair: Pair) -> None:
    page = log_in(pair, Visitor(pair.hub), "sam", "sam-password")
    assert page.status_code == 403
    assert "Your login brought these groups: walkers." in text_of(page)


def test_a_wrong_password_stays_at_the_provider(pair: Pair) -> None:
    visitor = Visitor(pair.hub)
    assert log_in(pair, visitor, "ada", "wrong").status_code == 401
    assert visitor.status("/hub/home") == 302


def test_the_provider_would_refuse_a_login_without_a_nonce(pair: Pair) -> None:
    visitor = Visitor(pair.hub)
    pair.provider.log_in(visitor.browser, visitor.begin("/hub/home"), "ada", "ada-password")
    again = Visitor(pair.hub)
    again.browser = visitor.browser
    first = again.open("/hub/oauth_login", stop_at=pair.provider.url).headers["location"]
    without = str(httpx.URL(first).copy_remove_param("nonce")) + "&g_continue"
    page = again.browser.open(without)
    assert page.status_code == 400
    assert "did not accept the request to log in" in text_of(page)
