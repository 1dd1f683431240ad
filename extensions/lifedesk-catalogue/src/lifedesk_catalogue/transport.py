"""HTTP as this package needs it: bounded, patient, polite to hosts.

One engine, aiohttp, for the archives' APIs and for transfers. It moves many small files as fast as the native
clients at equal latency, and unlike them it shows what a resumable transfer has to see: status, `Retry-After`,
`ETag`, `Content-Range` and the address after redirects. http and https only; redirects keep `Range`; there are no
cookies and no credentials to carry to another host.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.request import getproxies, proxy_bypass

from lifedesk_catalogue.errors import AnswerNotUnderstood, ArchiveUnavailable
from lifedesk_catalogue.text import duration_text, size_text

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
JSON_LIMIT_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient to be, and how much to ask of a host at once."""

    connect_seconds: float = 15.0
    stall_seconds: float = 30.0
    """Give an attempt up when no byte came for so long."""
    attempts: int = 5
    """Tries in a row without a single new byte."""
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    """A server that asks for more (`Retry-After`) is not waited for, but reported."""
    connections: int = 64
    """At once, to one host; fewer after it answered 429 or 503."""


class StatusError(ArchiveUnavailable):
    """The server answered, with a status that means no."""

    def __init__(self, message: str, status: int, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class Gate:
    """How many requests one host gets at once: halved when it says it is too much, slowly opened again."""

    def __init__(self, widest: int) -> None:
        self._widest = self.width = widest
        self._in_use = self._good = 0
        self._quiet_until = 0.0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: self._in_use < self.width)
            self._in_use += 1
        try:
            if (pause := self._quiet_until - asyncio.get_running_loop().time()) > 0:
                await asyncio.sleep(pause)
            yield
        finally:
            async with self._changed:
                self._in_use -= 1
                self._changed.notify_all()

    def narrow(self, quiet_seconds: float) -> None:
        """The host asked for less: half as many at once, none for so long."""
        now = asyncio.get_running_loop().time()
        if now >= self._quiet_until:  # the answers to requests already sent count as one complaint
            self.width = max(1, self.width // 2)
        self._quiet_until = max(self._quiet_until, now + quiet_seconds)
        self._good = 0

    def widen(self) -> None:
        """A request went well; after many, allow one more at once."""
        self._good += 1
        if self._good >= 2 * self.width and self.width < self._widest:
            self.width, self._good = self.width + 1, 0


class Transport:
    """A set of connections, open between `async with` and its end."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self._gates: dict[str, Gate] = {}
        self._proxies: dict[str, str | None] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        import aiohttp

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=self.policy.connections, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self.policy.connect_seconds, sock_read=self.policy.stall_seconds
            ),
            headers={"User-Agent": "lifedesk-catalogue (aiohttp)"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def gate(self, url: str) -> Gate:
        """The gate of the host that `url` names."""
        host = url.split("/", 3)[2]
        return self._gates.setdefault(host, Gate(self.policy.connections))

    def _proxy(self, url: str) -> str | None:
        """The proxy that the environment names for this host. aiohttp's `trust_env` would read ~/.netrc, too, and send
        what is in it."""
        host = _host(url)
        if host not in self._proxies:
            scheme = url.partition(":")[0]
            self._proxies[host] = None if proxy_bypass(host) else getproxies().get(scheme)
        return self._proxies[host]

    @asynccontextmanager
    async def open(
        self, url: str, headers: Mapping[str, str] | None = None, *, decode: bool = False
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One attempt at a GET; the answer's body is still to be read. 200 and 206 pass.

        `decode` undoes a content encoding. Raises `StatusError`, `ArchiveUnavailable` (also from reading the body
        inside the block).
        """
        import aiohttp
        from yarl import URL

        if self._session is None:
            raise RuntimeError("Transport is used outside its `async with` block.")
        if not url.startswith(("https://", "http://")):
            raise AnswerNotUnderstood(f"{url!r} is not a web address (https or http); it is not fetched.")
        gate = self.gate(url)
        try:
            async with (
                gate(),
                self._session.get(
                    URL(url, encoded=True), headers=headers, auto_decompress=decode, proxy=self._proxy(url)
                ) as answer,
            ):
                _check_status(answer, url, gate, self.policy)
                yield answer
                gate.widen()
        except aiohttp.NonHttpUrlClientError as error:
            raise AnswerNotUnderstood(f"{url} redirects to something that is not a web address.") from error
        except aiohttp.InvalidURL as error:
            raise AnswerNotUnderstood(f"{url} is not an address that can be fetched.") from error
        except TimeoutError as error:
            raise ArchiveUnavailable(f"{_host(url)} went silent: {url} sent nothing for a while.") from error
        except aiohttp.ClientPayloadError as error:
            raise ArchiveUnavailable(f"{_host(url)} cut the connection before the end of {url}.") from error
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error, ArchiveUnavailable) or not isinstance(error, aiohttp.ClientError | ConnectionError):
                raise
            raise ArchiveUnavailable(f"{_host(url)} cannot be reached ({_reason(error)}).") from error

    async def json(self, url: str, *, deadline_seconds: float, limit_bytes: int = JSON_LIMIT_BYTES) -> object:
        """The JSON document at `url`, asked for again after passing faults, within `deadline_seconds` in all.

        Raises `StatusError`, `ArchiveUnavailable` (deadline, no connection), `AnswerNotUnderstood` (HTML, not JSON,
        more than `limit_bytes`).
        """
        return parse_json(await self.read(url, deadline_seconds=deadline_seconds, limit_bytes=limit_bytes), url)

    async def read(self, url: str, *, deadline_seconds: float, limit_bytes: int) -> bytes:
        """The whole body at `url`, as `json` fetches it."""
        try:
            async with asyncio.timeout(deadline_seconds):
                return await retrying(lambda: self._read_once(url, limit_bytes), self.policy, deadline_seconds)
        except TimeoutError as error:
            raise ArchiveUnavailable(
                f"{_host(url)} did not answer within {duration_text(deadline_seconds)}. Try again later."
            ) from error

    async def _read_once(self, url: str, limit_bytes: int) -> bytes:
        async with self.open(url, {"Accept": "application/json, */*;q=0.1"}, decode=True) as answer:
            body = bytearray()
            async for piece in answer.content.iter_any():
                body += piece
                if len(body) > limit_bytes:
                    raise AnswerNotUnderstood(f"The answer of {url} is larger than {size_text(limit_bytes)}; not read.")
            return bytes(body)


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    policy: Policy,
    longest_seconds: float,
    on_wait: Callable[[str, float], None] | None = None,
) -> T:
    """What `attempt` returns, trying again after faults that pass (cut, silence, 429, 5xx).

    Waits double from try to try, with jitter, or are what `Retry-After` says. `on_wait` hears the reason and the
    seconds. Raises the last fault after `policy.attempts` tries, or at once when it will not pass.
    """
    for number in range(1, policy.attempts + 1):
        try:
            return await attempt()
        except ArchiveUnavailable as error:
            pause = pause_seconds(error, number, policy)
            if pause is None or pause > longest_seconds:
                raise
            if on_wait:
                on_wait(str(error), pause)
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def pause_seconds(error: ArchiveUnavailable, number: int, policy: Policy) -> float | None:
    """How long to wait after the `number`-th fault in a row; None when trying again is no use."""
    status = error.status if isinstance(error, StatusError) else None
    if number >= policy.attempts or (status is not None and status not in RETRIED):
        return None
    if isinstance(error, StatusError) and error.retry_after_seconds is not None:
        asked = error.retry_after_seconds
        return asked if asked <= policy.longest_wait_seconds else None
    return min(policy.first_wait_seconds * 2.0 ** (number - 1), policy.longest_wait_seconds) * random.uniform(0.5, 1)


def parse_json(body: bytes, url: str) -> object:
    """The JSON document in `body`. Raises `AnswerNotUnderstood`, which tells HTML from broken JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        if body.lstrip()[:1] == b"<":
            raise AnswerNotUnderstood(
                f"{_host(url)} sent a web page where data was expected ({url}); it may be under maintenance. "
                "Try again later."
            ) from error
        raise AnswerNotUnderstood(f"{_host(url)} sent no readable JSON ({url}). Try again later.") from error


def _check_status(answer: aiohttp.ClientResponse, url: str, gate: Gate, policy: Policy) -> None:
    if url.startswith("https://") and answer.url.scheme != "https":
        raise AnswerNotUnderstood(f"{url} redirects to an unencrypted address; it is not followed.")
    if answer.status in (200, 206):
        return
    retry_after = _retry_after(answer.headers.get("Retry-After"))
    if answer.status in (429, 503):
        quiet = retry_after if retry_after is not None else policy.first_wait_seconds
        gate.narrow(min(quiet, policy.longest_wait_seconds))
    meaning = {
        401: "wants a login",
        403: "does not allow access",
        404: "has nothing there",
        410: "has removed it",
        416: "has no such part of the file",
        429: "gets too many requests",
    }.get(answer.status, "has a fault" if answer.status >= 500 else "refused")
    later = f" It asks to come back in {duration_text(retry_after)}." if retry_after is not None else ""
    raise StatusError(f"{_host(url)} {meaning} (HTTP {answer.status}): {url}.{later}", answer.status, retry_after)


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from the seconds or the date of a Retry-After header."""
    if value is None:
        return None
    try:
        if value.strip().isdigit():
            return float(value)
        seconds: float = (email.utils.parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        return max(0.0, seconds)
    except (ValueError, TypeError, OverflowError):
        return None


def _host(url: str) -> str:
    return url.split("/", 3)[2]


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
