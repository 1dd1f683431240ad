"""How a session's server asks its hub."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tornado.httpclient import HTTPClientError

from lifedesk_lab.hub_requests import fetch


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, and with the status that stands in the address."""

    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        said = {"method": self.command, "sent": sent, "token": self.headers.get("Authorization")}
        body = json.dumps(said).encode()
        self.send_response(int(self.path.strip("/")))
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (the name in the standard library)
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_answer_is_read_as_the_stock_servers_client_gives_it(hub: str) -> None:
    async def ask() -> None:
        answer = await fetch(f"{hub}/200", headers={"Authorization": "token mine"})
        assert (answer.status, answer.ok) == (200, True)
        assert answer.headers["x-jupyterhub-version"] == "6.1.1"
        said = {"method": "GET", "sent": "", "token": "token mine"}
        assert await answer.json() == json.loads(await answer.text()) == said

    asyncio.run(ask())


@pytest.mark.parametrize(("data", "sent"), [("a=1", "a=1"), (b"a=1", "a=1"), (None, "")])
def test_what_is_posted_arrives(hub: str, data: str | bytes | None, sent: str) -> None:
    async def ask() -> None:
        answer = await fetch(f"{hub}/200", method="POST", data=data)
        assert await answer.json() == {"method": "POST", "sent": sent, "token": None}

    asyncio.run(ask())


@pytest.mark.parametrize("status", [403, 500])
def test_a_refusal_is_an_answer_or_an_error_as_one_likes(hub: str, status: int) -> None:
    async def ask() -> None:
        answer = await fetch(f"{hub}/{status}", raise_for_status=False)
        assert (answer.status, answer.ok) == (status, False)
        with pytest.raises(HTTPClientError, match=str(status)):
            await fetch(f"{hub}/{status}")

    asyncio.run(ask())


def test_a_hub_that_is_away_is_an_error_in_any_case() -> None:
    with pytest.raises(OSError, match="refused"):
        asyncio.run(fetch("http://127.0.0.1:9", raise_for_status=False))
