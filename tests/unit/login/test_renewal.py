"""Asking the provider again: when the refresh token is used, and what each refusal means."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lifedesk_hub.login.errors import AccessEnded, LoginLapsed, ProviderUnreachable, RenewalRefused
from lifedesk_hub.login.relying_party import RelyingParty
from lifedesk_hub.login.renewal import Renewed, Turns, ask_again
from lifedesk_hub.login.settings import settings_for
from lifedesk_hub.login.state import LoginState, Tokens
from tests.support.site import small_site
from tests.support.tampering import SUBJECT, Lies, LyingProvider, lying_provider

PAST, FUTURE = time.time() - 60, time.time() + 3600
REFUSED = (400, "application/json", b'{"error": "invalid_grant"}')
UNAUTHORISED = (401, "application/json", b'{"error": "invalid_token"}')
RENEWED = (200, "application/json", json.dumps({"access_token": "new", "refresh_token": "next"}).encode())
DOWN = (503, "text/plain", b"")


@pytest.fixture
def provider() -> Iterator[LyingProvider]:
    with lying_provider() as provider:
        yield provider


class Asked:
    """One renewal, and the tokens that were kept during it."""

    def __init__(self, provider: LyingProvider) -> None:
        login = {"provider": "oidc", "issuer": provider.issuer, "client_id": "node", "client_secret": {"env": "S"}}
        site = small_site(login=login)
        self._party = RelyingParty(settings_for(site, "http://127.0.0.1", Path("audit"), SecretStr("s"), None))
        self.kept: list[Tokens] = []

    async def again(
        self, expires_at: float | None = FUTURE, refresh_token: str | None = "old", renew_at: float | None = None
    ) -> Renewed:
        tokens = Tokens(access_token="a", refresh_token=refresh_token, expires_at=expires_at, renew_at=renew_at)
        return await ask_again(self._party, LoginState(tokens=tokens, confirmed_at=PAST), self._keep)

    async def _keep(self, tokens: Tokens) -> None:
        self.kept.append(tokens)


async def test_a_good_access_token_is_all_that_is_used(provider: LyingProvider) -> None:
    renewed = await Asked(provider).again()
    assert renewed.identity.subject == SUBJECT
    assert "/token" not in provider.requests


async def test_an_expired_access_token_is_replaced(provider: LyingProvider) -> None:
    asked = Asked(provider)
    new = b'{"access_token": "new", "expires_in": 60}'
    provider.lies = Lies(raw={"/token": (200, "application/json", new)})
    renewed = await asked.again(expires_at=PAST)
    assert renewed.tokens.access_token == "new"
    assert renewed.tokens.refresh_token == "old"
    assert asked.kept == [renewed.tokens]


async def test_a_login_without_refresh_token_ends_with_its_access_token(provider: LyingProvider) -> None:
    with pytest.raises(LoginLapsed) as caught:
        await Asked(provider).again(expires_at=PAST, refresh_token=None)
    assert not isinstance(caught.value, RenewalRefused)
    assert provider.requests == []


async def test_a_renewal_refused_after_the_time_is_over_is_no_proof_of_anything(provider: LyingProvider) -> None:
    provider.lies = Lies(raw={"/token": REFUSED})
    with pytest.raises(RenewalRefused):
        await Asked(provider).again(expires_at=PAST)


@pytest.mark.parametrize("refresh_token", ["old", None])
async def test_an_access_token_refused_before_its_time_ends_the_access(
    provider: LyingProvider, refresh_token: str | None
) -> None:
    provider.lies = Lies(raw={"/token": REFUSED, "/userinfo": UNAUTHORISED})
    with pytest.raises(AccessEnded):
        await Asked(provider).again(refresh_token=refresh_token)


async def test_a_refresh_token_that_would_expire_is_used_in_time(provider: LyingProvider) -> None:
    provider.lies = Lies(raw={"/token": RENEWED})
    renewed = await Asked(provider).again(renew_at=PAST)
    assert renewed.tokens.refresh_token == "next"


async def test_a_refused_early_renewal_does_not_end_a_login_that_still_holds(provider: LyingProvider) -> None:
    provider.lies = Lies(raw={"/token": REFUSED})
    assert (await Asked(provider).again(renew_at=PAST)).identity.subject == SUBJECT


async def test_fresh_tokens_are_kept_even_if_the_provider_fails_right_after(provider: LyingProvider) -> None:
    provider.lies = Lies(raw={"/token": RENEWED, "/userinfo": DOWN})
    asked = Asked(provider)
    with pytest.raises(ProviderUnreachable, match="cannot be reached at the moment"):
        await asked.again(expires_at=PAST)
    assert [tokens.refresh_token for tokens in asked.kept] == ["next"]


async def test_those_who_wait_for_a_check_share_its_answer_and_others_do_not() -> None:
    turns, checks, gate = Turns(), 0, asyncio.Event()

    async def check() -> bool:
        nonlocal checks
        checks += 1
        await gate.wait()
        return checks == 1

    waiting = [asyncio.create_task(turns.take("ua", check)) for _ in range(6)]
    other = asyncio.create_task(turns.take("ub", check))
    await asyncio.sleep(0)
    assert checks == 2
    gate.set()
    assert len(set(await asyncio.gather(*waiting))) == 1
    await other
    assert checks == 2
    await turns.take("ua", check)
    assert checks == 3
