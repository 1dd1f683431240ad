"""Requests to an identity provider: bounded in time and size, JSON or nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from lifedesk_hub.login.discovery import is_loopback
from lifedesk_hub.login.errors import ProviderUnreachable

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What a provider answered: the status and the JSON object (empty if the body was none)."""

    status: int
    document: dict[str, object]
    is_object: bool

    @property
    def error(self) -> str:
        """The OAuth 2 error code, or empty."""
        code = self.document.get("error")
        return code[:100] if isinstance(code, str) else ""


class WebClient:
    """Sends requests to one provider, which people know as `provider`."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self.has_failed = False
        """Whether the last request had no usable answer."""
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        """The answer to a GET request. Raises `ProviderUnreachable` for none in time, and for any 5xx or 429."""
        return await self._send(httpx.Request("GET", url, headers=_headers(headers)))

    async def post(self, url: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """The answer to a form. Raises `ProviderUnreachable` for none in time, and for any 5xx or 429."""
        return await self._send(httpx.Request("POST", url, data=form, headers=_headers(headers)))

    async def _send(self, request: httpx.Request) -> Answer:
        self.has_failed = True
        answer = await self._ask(request)
        self.has_failed = False
        return answer

    async def _ask(self, request: httpx.Request) -> Answer:
        where = f"{request.method} {request.url.copy_with(query=None)}"
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                response = await self._client(str(request.url)).send(request, stream=True)
                try:
                    body = await _read(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise ProviderUnreachable(self._provider, f"{where}: {type(error).__name__} {error}") from error
        if response.status_code >= 500 or response.status_code == 429:
            raise ProviderUnreachable(self._provider, f"{where} answered {response.status_code}")
        return _answer(response.status_code, body)

    def _client(self, url: str) -> httpx.AsyncClient:
        """Proxies of the environment are for other machines; this one's own provider is asked directly."""
        is_local = is_loopback(urlsplit(url).hostname or "")
        if is_local not in self._clients:
            self._clients[is_local] = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=not is_local)
        return self._clients[is_local]


def _headers(headers: dict[str, str] | None) -> dict[str, str]:
    return {"Accept": "application/json", "User-Agent": "lifedesk", **(headers or {})}


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise ValueError(f"more than {LARGEST_ANSWER_BYTES} bytes")
    return body


def _answer(status: int, body: bytes) -> Answer:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    is_object = isinstance(document, dict)
    return Answer(status, document if is_object else {}, is_object)
