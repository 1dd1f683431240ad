"""Requests of a session's server to its hub, without aiohttp: the part of `jupyterhub.httpclient` that sessions use.

The server asks who a person is and tells when they were active, some requests an hour. aiohttp, which the stock server
loads for that, is a seventh of our start; tornado is there anyhow.
https://github.com/jupyterhub/jupyterhub/blob/6.1.1/jupyterhub/httpclient.py
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

_CONNECT_SECONDS, _ANSWER_SECONDS = 30, 300  # aiohttp's


@dataclass(frozen=True)
class Answer:
    """What the hub answered, with the names that aiohttp's `ClientResponse` has for it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    async def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    async def json(self) -> object:
        """The body as JSON."""
        return json.loads(self.body)


async def fetch(
    url: str,
    *,
    method: str = "GET",
    raise_for_status: bool = True,
    headers: Mapping[str, str] | None = None,
    data: str | bytes | None = None,
    ssl: SSLContext | None = None,
) -> Answer:
    """The hub's answer. Raises `OSError` or `tornado.httpclient.HTTPClientError`; not for a status of 400 and more if
    `raise_for_status` is off."""
    request = HTTPRequest(
        url,
        method=method,
        headers=dict(headers or {}),
        body=data,
        ssl_options=ssl,
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_ANSWER_SECONDS,
        allow_nonstandard_methods=True,  # a POST may be without a body
    )
    answer = await AsyncHTTPClient().fetch(request, raise_error=raise_for_status)
    return Answer(answer.code, answer.headers, answer.body)
