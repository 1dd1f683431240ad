"""Where one may be sent after a login."""

from __future__ import annotations

import pytest

from lifedesk_hub.login.next_url import safe_next_url


@pytest.mark.parametrize(
    "wanted",
    [
        "/hub/home",
        "/hub/spawn?opt-profile=imaging",
        "/hub/api/oauth2/authorize?client_id=jupyterhub-user-u&redirect_uri=%2Fuser%2Fu%2Foauth_callback",
        "/user/u/lab?next=https://elsewhere.example//x",
        "/user/u/proxy/@here/",
    ],
)
def test_pages_of_this_hub_are_kept(wanted: str) -> None:
    assert safe_next_url(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "hub/home",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/%5Cevil.example",
        "/%2F%2Fevil.example",
        "/\t/evil.example",
        "/ /evil.example",
        "/\n//evil.example",
        "/é",
        "javascript:alert(1)",
        "/@evil.example",
        "/;@evil.example",
        "/hub/../..//evil.example",
        "/hub/%2e%2e/x",
        "/./x",
        "/hub/logout",
        "/hub/logout/",
        "/hub/logout?x=1",
        "/hub/oauth_login",
        "/hub/oauth_callback?code=1",
        "/" + "x" * 3000,
    ],
)
def test_everything_else_is_forgotten(wanted: str | None) -> None:
    assert safe_next_url(wanted) is None


def test_pages_outside_the_hubs_own_part_of_the_address_are_forgotten() -> None:
    assert safe_next_url("/lifedesk/hub/home", "/lifedesk/") == "/lifedesk/hub/home"
    assert safe_next_url("/hub/home", "/lifedesk/") is None
