"""Login through LemonLDAP::NG, an independent provider: issuer with a slash at its end, groups as plain names."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.debian_peers import Lemonldap
from tests.support.http_browser import Form, forms_of, text_of
from tests.support.hub_process import LoginHub, Visitor, login_site, other_provider


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginHub]:
    folder = tmp_path_factory.mktemp("lemonldap")
    hub = LoginHub(folder / "hub")
    with Lemonldap(folder / "lemonldap", hub.url).running() as provider:
        try:
            hub.start(login_site(**other_provider(provider.issuer, groups_claim="groups")), None)
            yield hub
        finally:
            hub.stop()


def log_in(visitor: Visitor, name: str, password: str) -> httpx.Response:
    """Fills in the portal's form."""
    page = visitor.begin("/hub/home")
    form = next(form for form in forms_of(page) if "password" in form.fields)
    return visitor.browser.submit(page, Form(form.action, "post", {**form.fields, "user": name, "password": password}))


def test_members_get_in_with_the_groups_that_this_node_knows(hub: LoginHub) -> None:
    for name, full_name in (("dwho", "Doctor Who"), ("rtyler", "Rose Tyler")):
        visitor = Visitor(hub)
        page = log_in(visitor, name, name)
        assert str(page.url) == f"{hub.url}/hub/home", text_of(page)
        user = hub.user(visitor.name())
        assert user["groups"] == ["plain"]
        assert user["user_info"]["display_name"] == full_name
        assert user["user_info"]["subject"] == name


def test_somebody_without_a_group_of_this_node_is_refused(hub: LoginHub) -> None:
    page = log_in(Visitor(hub), "msmith", "msmith")
    assert page.status_code == 403
    assert "you do not belong to any group of Test node. Your login brought these groups:" in text_of(page)
    assert "earthlings" in text_of(page)


def test_a_wrong_password_stays_at_the_provider(hub: LoginHub) -> None:
    visitor = Visitor(hub)
    page = log_in(visitor, "dwho", "wrong")
    assert page.url.host == "localhost"
    assert visitor.status("/hub/home") == 302
