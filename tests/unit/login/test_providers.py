"""The kinds of providers, and the configuration that a site file leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lifedesk_hub.login import login_config
from lifedesk_hub.login.discovery import discovery_address, read_metadata
from lifedesk_hub.login.names import username_for
from lifedesk_hub.login.providers import PROVIDERS
from lifedesk_hub.login.relying_party import RelyingParty
from lifedesk_hub.login.settings import LoginSettings
from lifedesk_hub.login.state import LoginAttempt
from lifedesk_hub.site import Site
from tests.support.site import a_deployment, small_site

SECRET = "the secret of the registration"
DOCUMENT = {
    "issuer": "https://login.example/oidc/",
    "authorization_endpoint": "https://login.example/oidc/authorize",
    "token_endpoint": "https://login.example/oidc/token",
    "userinfo_endpoint": "https://login.example/oidc/userinfo",
    "jwks_uri": "https://login.example/oidc/jwk",
}


def site(provider: str, **login: object) -> Site:
    if provider == "demo":
        return small_site()
    section = {"provider": provider, "client_id": "node", "client_secret": {"env": "SECRET"}, **login}
    return small_site(login=section, url="https://node.example")


def settings(provider: str, **login: object) -> LoginSettings:
    config = login_config(site(provider, **login), a_deployment(), SecretStr(SECRET))
    found = config.LifedeskAuthenticator.settings
    assert isinstance(found, LoginSettings)
    return found


def test_every_provider_of_the_site_file_is_known() -> None:
    assert set(PROVIDERS) == {"ls-login", "egi-check-in", "cilogon", "orcid", "github", "oidc", "demo"}


@pytest.mark.parametrize(
    ("provider", "login", "issuer", "provider_id"),
    [
        ("ls-login", {}, "https://login.aai.lifescience-ri.eu/oidc/", "ls-login"),
        (
            "ls-login",
            {"issuer": "https://proxy.aai.lifescience-ri.eu"},
            "https://proxy.aai.lifescience-ri.eu",
            "ls-login",
        ),
        ("egi-check-in", {}, "https://aai.egi.eu/auth/realms/egi", "egi-check-in"),
        (
            "egi-check-in",
            {"issuer": "https://aai-dev.egi.eu/auth/realms/egi"},
            "https://aai-dev.egi.eu/auth/realms/egi",
            "egi-check-in https://aai-dev.egi.eu/auth/realms/egi",
        ),
        ("cilogon", {"allowed_idps": ["https://idp.example"]}, "https://cilogon.org", "cilogon"),
        ("orcid", {}, "https://orcid.org", "orcid"),
        ("github", {}, None, "github"),
        ("oidc", {"issuer": "https://sso.example"}, "https://sso.example", "oidc https://sso.example"),
        ("demo", {}, "http://localhost:9400", "demo"),
    ],
)
def test_names_are_made_from_a_constant_or_from_a_foreign_issuer(
    provider: str, login: dict[str, Any], issuer: str | None, provider_id: str
) -> None:
    found = settings(provider, **login)
    assert (found.issuer, found.provider_id) == (issuer, provider_id)


def test_no_two_providers_make_the_same_name() -> None:
    names = {username_for(provider, "28f7@lifescience-ri.eu") for provider in PROVIDERS}
    assert len(names) == len(PROVIDERS)


def test_the_demo_needs_the_issuer_of_the_deployment() -> None:
    with pytest.raises(ValueError, match=r"give login\.issuer"):
        login_config(site("demo"), a_deployment(demo_issuer=None), SecretStr(SECRET))


def test_the_configuration_lets_nobody_in_but_members_and_asks_again() -> None:
    config = login_config(site("ls-login", refresh_seconds=120), a_deployment(Path("/state")), SecretStr(SECRET))
    assert config.JupyterHub.authenticator_class == "lifedesk_hub.login.authenticator.LifedeskAuthenticator"
    traits = config.LifedeskAuthenticator
    assert (traits.allow_all, traits.allow_existing_users, traits.manage_groups) == (False, False, True)
    assert (traits.enable_auth_state, traits.auth_refresh_strict, traits.refresh_pre_spawn) == (True, True, True)
    assert traits.auth_refresh_age == 120
    assert traits.oauth_callback_url == "http://127.0.0.1:8000/hub/oauth_callback"
    assert traits.username_pattern == "^u[a-z2-7]{24}$"
    assert traits.login_service == "LS Login"
    assert traits.settings.audit_file == Path("/state/audit.jsonl")


def test_the_configuration_never_prints_the_secret() -> None:
    config = login_config(site("ls-login"), a_deployment(), SecretStr(SECRET))
    assert SECRET not in repr(config)
    assert config.LifedeskAuthenticator.settings.client_secret.get_secret_value() == SECRET


async def test_github_is_asked_without_discovery_and_without_openid() -> None:
    url = await RelyingParty(settings("github")).authorization_url(LoginAttempt.begin(None))
    assert url.startswith("https://github.com/login/oauth/authorize?response_type=code&client_id=node&")
    assert "code_challenge_method=S256" in url
    assert "nonce" not in url
    assert "openid" not in url


def test_the_discovery_document_is_found_below_the_issuer() -> None:
    expected = "https://login.example/oidc/.well-known/openid-configuration"
    assert discovery_address("https://login.example/oidc/") == expected
    assert discovery_address("https://login.example/oidc") == expected


def test_a_discovery_document_is_read() -> None:
    document = {**DOCUMENT, "unknown": 1, "scopes_supported": ["openid", "offline_access"]}
    metadata = read_metadata(document, "https://login.example/oidc/")
    assert metadata.takes_secret_in_body
    assert metadata.scopes(("openid", "profile"), ("offline_access", "address")) == (
        "openid",
        "profile",
        "offline_access",
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"issuer": "https://login.example/oidc"}, "letter for letter"),
        ({"issuer": None}, "issuer"),
        ({"jwks_uri": None}, "it names no jwks_uri"),
        ({"token_endpoint": "http://login.example/token"}, "must be reached through https"),
        ({"token_endpoint": "https://user:pw@login.example/"}, "not the address of an endpoint"),
        ({"userinfo_endpoint": 7}, "userinfo_endpoint"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "does not sign ID tokens with RS256"),
    ],
)
def test_a_discovery_document_that_cannot_be_trusted_is_refused(changes: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_metadata({**DOCUMENT, **changes}, "https://login.example/oidc/")


@pytest.mark.parametrize(
    ("methods", "in_body"),
    [
        (None, True),
        (["client_secret_basic", "client_secret_post"], True),
        (["client_secret_basic"], False),
        (["private_key_jwt"], True),
    ],
)
def test_the_secret_goes_where_the_provider_takes_it(methods: list[str] | None, in_body: bool) -> None:
    document = {**DOCUMENT, **({"token_endpoint_auth_methods_supported": methods} if methods else {})}
    assert read_metadata(document, "https://login.example/oidc/").takes_secret_in_body is in_body
