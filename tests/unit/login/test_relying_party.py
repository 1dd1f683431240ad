"""What is particular to single kinds of providers, against a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lifedesk_hub.errors import LoginRefused
from lifedesk_hub.login.discovery import Metadata
from lifedesk_hub.login.errors import AnswerNotTrusted, RegistrationRefused
from lifedesk_hub.login.providers import PROVIDERS
from lifedesk_hub.login.relying_party import Identity, RelyingParty
from lifedesk_hub.login.settings import LoginSettings, settings_for
from lifedesk_hub.login.state import LoginAttempt, Tokens
from tests.support.site import small_site
from tests.support.tampering import Lies, LyingProvider, lying_provider

HOME = "https://idp.university.example/shibboleth"
TOKENS = Tokens(access_token="a")


@pytest.fixture
def provider() -> Iterator[LyingProvider]:
    with lying_provider() as provider:
        yield provider


def settings(kind: str, **login: Any) -> LoginSettings:
    section = {"provider": kind, "client_id": "node", "client_secret": {"env": "S"}, **login}
    return settings_for(small_site(login=section), "http://127.0.0.1", Path("audit"), SecretStr("s"), None)


def at_github(provider: LyingProvider) -> RelyingParty:
    """A client of a GitHub that runs on this machine."""
    endpoints = {name: f"{provider.issuer}/{name}" for name in ("authorize", "token", "userinfo")}
    metadata = Metadata(
        issuer="https://github.com",
        authorization_endpoint=endpoints["authorize"],
        token_endpoint=endpoints["token"],
        userinfo_endpoint=endpoints["userinfo"],
    )
    return RelyingParty(replace(settings("github"), provider=replace(PROVIDERS["github"], metadata=metadata)))


async def test_cilogon_lets_in_through_the_organisations_that_the_site_names(provider: LyingProvider) -> None:
    party = RelyingParty(settings("cilogon", issuer=provider.issuer, allowed_idps=[HOME]))
    url = await party.authorization_url(LoginAttempt.begin(None))
    assert "selected_idp=https%3A%2F%2Fidp.university.example%2Fshibboleth" in url
    provider.lies = Lies(userinfo={"idp": HOME})
    assert (await party.identify(TOKENS, id_token_is_new=False)).subject


async def test_somebody_else_is_asked_for_by_the_provider_and_nobody_otherwise(provider: LyingProvider) -> None:
    party = RelyingParty(settings("cilogon", issuer=provider.issuer, allowed_idps=[HOME]))
    assert "prompt=login" in await party.authorization_url(LoginAttempt.begin(None), is_somebody_else=True)
    assert "prompt" not in await party.authorization_url(LoginAttempt.begin(None))


@pytest.mark.parametrize(
    "idp", [None, "https://idp.evil.example", HOME.upper(), f"{HOME}/", [HOME], "university.example"]
)
async def test_cilogon_refuses_every_other_organisation(provider: LyingProvider, idp: object) -> None:
    party = RelyingParty(settings("cilogon", issuer=provider.issuer, allowed_idps=[HOME]))
    provider.lies = Lies(userinfo={"idp": idp, "email": "somebody@university.example"})
    with pytest.raises(LoginRefused) as caught:
        await party.identify(TOKENS, id_token_is_new=False)
    assert str(caught.value) == (
        "Test node is not open to logins through your organisation. "
        "Log in through another, or ask the test desk (desk@lifedesk.example)."
    )


async def test_egi_check_in_knows_people_by_their_community_identifier(provider: LyingProvider) -> None:
    party = RelyingParty(settings("egi-check-in", issuer=provider.issuer))
    provider.lies = Lies(userinfo={"voperson_id": "0123abcd@egi.eu"})
    assert (await party.identify(TOKENS, id_token_is_new=False)).subject == "0123abcd@egi.eu"


async def test_other_providers_do_not_let_people_choose_their_identifier(provider: LyingProvider) -> None:
    party = RelyingParty(settings("oidc", issuer=provider.issuer))
    provider.lies = Lies(userinfo={"sub": "me", "voperson_id": "you", "preferred_username": "you", "email": "you@x"})
    assert (await party.identify(TOKENS, id_token_is_new=False)).subject == "me"


async def test_github_knows_people_by_number(provider: LyingProvider) -> None:
    provider.lies = Lies(userinfo={"id": 583231, "login": "octocat", "name": None, "eduperson_entitlement": None})
    assert await at_github(provider).identify(TOKENS) == Identity("583231", "octocat", ())


@pytest.mark.parametrize("number", [None, True, 1.5, "", [1]])
async def test_anything_but_a_number_is_nobody_at_github(provider: LyingProvider, number: object) -> None:
    provider.lies = Lies(userinfo={"id": number})
    with pytest.raises(AnswerNotTrusted, match="did not say who you are"):
        await at_github(provider).identify(TOKENS)


async def test_an_error_that_github_sends_as_success_is_one(provider: LyingProvider) -> None:
    wrong = b'{"error": "incorrect_client_credentials", "error_description": "boo"}'
    provider.lies = Lies(raw={"/token": (200, "application/json", wrong)})
    with pytest.raises(RegistrationRefused, match="GitHub does not accept this node itself"):
        await at_github(provider).exchange("code", "verifier")


async def test_an_id_token_is_demanded_of_every_openid_provider(provider: LyingProvider) -> None:
    party = RelyingParty(settings("oidc", issuer=provider.issuer))
    with pytest.raises(AnswerNotTrusted, match="sent no proof of who logged in"):
        await party.identify(TOKENS, nonce="n")
