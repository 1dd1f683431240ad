"""What a provider says about itself and its keys: fetched when first needed, kept, fetched again when it must be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque

from lifedesk_hub.login.discovery import Metadata, discovery_address, read_metadata
from lifedesk_hub.login.errors import ProviderUnreachable
from lifedesk_hub.login.id_token import Keys, key_for, read_keys
from lifedesk_hub.login.web_client import WebClient

log = logging.getLogger(__name__)

KEPT_SECONDS = 3600.0
MOST_KEY_REQUESTS = 3
KEY_REQUESTS_SECONDS = 60.0
"""Tokens signed with unknown keys make the hub ask for the keys again, but not more often than that in this time."""
_PAUSES_SECONDS = (0.2, 1.0)


class ProviderFacts:
    """Discovery document and signing keys of one issuer."""

    def __init__(self, web: WebClient, provider: str, issuer: str) -> None:
        self._web = web
        self._provider = provider
        self._issuer = issuer
        self._lock = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._metadata_at = 0.0
        self._keys: Keys = {}
        self._keys_asked: deque[float] = deque(maxlen=MOST_KEY_REQUESTS)

    async def metadata(self, *, must_answer: bool = False) -> Metadata:
        """The discovery document. An old one is used while the provider is down, unless it `must_answer` now;
        raises `ProviderUnreachable` when there is none."""
        async with self._lock:
            if self._metadata is None or must_answer or time.monotonic() - self._metadata_at > KEPT_SECONDS:
                try:
                    self._metadata = await self._discover()
                except ProviderUnreachable as error:
                    if self._metadata is None or must_answer:
                        raise
                    log.warning("Discovery of %s failed, the last answer is used: %s", self._issuer, error.detail)
                self._metadata_at = time.monotonic()
            return self._metadata

    async def keys(self, key_id: str | None) -> Keys:
        """The signing keys, asked for again if `key_id` is not among them or they are old."""
        metadata = await self.metadata()
        async with self._lock:
            now = time.monotonic()
            asked = self._keys_asked
            is_old = not asked or now - asked[-1] > KEPT_SECONDS
            may_ask = len(asked) < MOST_KEY_REQUESTS or now - asked[0] > KEY_REQUESTS_SECONDS
            if is_old or (may_ask and key_for(self._keys, key_id) is None):
                self._keys = await self._fetch_keys(str(metadata.jwks_uri))
                asked.append(now)
            return self._keys

    async def _discover(self) -> Metadata:
        document = await self._fetch(discovery_address(self._issuer))
        try:
            return read_metadata(document, self._issuer)
        except ValueError as error:
            raise ProviderUnreachable(
                self._provider, f"the discovery document of {self._issuer} cannot be used: {error}"
            ) from error

    async def _fetch_keys(self, url: str) -> Keys:
        try:
            return read_keys(await self._fetch(url))
        except ValueError as error:
            raise ProviderUnreachable(self._provider, f"the keys at {url} cannot be used: {error}") from error

    async def _fetch(self, url: str) -> dict[str, object]:
        for pause in (*_PAUSES_SECONDS, None):
            try:
                answer = await self._web.get(url)
                break
            except ProviderUnreachable:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        if answer.status != 200 or not answer.is_object:
            raise ProviderUnreachable(self._provider, f"{url} answered {answer.status}, not a JSON object")
        return answer.document
