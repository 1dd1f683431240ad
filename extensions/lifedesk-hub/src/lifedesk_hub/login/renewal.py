"""Asking the provider again about somebody who is logged in: one question at a time for each person."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from lifedesk_hub.login.errors import AccessEnded, LoginLapsed, RenewalRefused
from lifedesk_hub.login.relying_party import Identity, RelyingParty
from lifedesk_hub.login.state import LoginState, Tokens

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Renewed:
    """What the provider said when asked again."""

    tokens: Tokens
    identity: Identity


async def ask_again(party: RelyingParty, state: LoginState, keep: Callable[[Tokens], Awaitable[None]]) -> Renewed:
    """Who the person is now, with the access token or, if its time is over, with a fresh one.

    `keep` gets fresh tokens before anything else is done with them: where refresh tokens rotate, the old one is
    worthless, and using it again would end the login. Raises `LoginLapsed` for a login whose time is over,
    `AccessEnded` for one that the provider ended before, `LoginRefused`, `ProviderUnreachable`.
    """
    tokens, now = state.tokens, time.time()
    has_expired = tokens.expires_at is not None and now >= tokens.expires_at
    is_due = has_expired or (tokens.renew_at is not None and now >= tokens.renew_at)
    if is_due and tokens.refresh_token is not None:
        try:
            return await _renew(party, tokens, keep)
        except AccessEnded as error:
            if has_expired:
                raise RenewalRefused("Your login was not renewed. Log in again.") from error
    if has_expired:
        raise LoginLapsed("Your login has expired. Log in again.")
    try:
        return Renewed(tokens, await party.identify(tokens, id_token_is_new=False))
    except AccessEnded:
        if tokens.refresh_token is None:
            raise
    return await _renew(party, tokens, keep)


async def _renew(party: RelyingParty, tokens: Tokens, keep: Callable[[Tokens], Awaitable[None]]) -> Renewed:
    fresh = await party.renew(tokens)
    await keep(fresh)
    is_new = fresh.id_token != tokens.id_token
    return Renewed(fresh, await party.identify(fresh, id_token_is_new=is_new))


class Turns:
    """Runs one check at a time per person; who waited for a check that began meanwhile shares its answer."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._finished: dict[str, tuple[float, bool]] = {}

    async def take(self, username: str, check: Callable[[], Awaitable[bool]]) -> bool:
        """The answer of `check`, or of another check of the same person that ended while this one waited."""
        asked_at = time.monotonic()
        lock = self._locks.setdefault(username, asyncio.Lock())
        async with lock:
            finished_at, answer = self._finished.get(username, (0.0, False))
            if finished_at >= asked_at:
                return answer
            answer = await check()
            self._finished[username] = time.monotonic(), answer
            return answer

    def seconds_since(self, username: str) -> float:
        """How long ago the person was last checked; infinite if never."""
        finished = self._finished.get(username)
        return time.monotonic() - finished[0] if finished else float("inf")
