"""A Jupyter server with the session's extension, for the tests of its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from lifedesk_lab.notices import board

TOKEN = "a-token-of-this-test"


@dataclass(frozen=True)
class LabServer:
    """A Jupyter server that answers at `url` for who has the token."""

    app: ServerApp
    url: str

    async def get(self, path: str) -> httpx.Response:
        return await self.request("GET", path)

    async def request(self, method: str, path: str, json: object = None, token: str = TOKEN) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30) as client:
            headers = {"Authorization": f"token {token}"}
            return await client.request(method, f"{self.url}{path}", json=json, headers=headers)


@pytest.fixture(autouse=True)
def empty_board() -> Iterator[None]:
    yield
    for notice in board.standing():
        board.withdraw(notice.about)


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LabServer]:
    """A server whose home, configuration and run-time files are in a folder of the test."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
        (tmp_path / name.lower()).mkdir()
    home = tmp_path / "home"
    app = ServerApp(
        allow_root=True,
        base_url="/user/ada/",
        jpserver_extensions={"lifedesk_lab": True},
        root_dir=str(home),
    )
    app.config.IdentityProvider.token = TOKEN
    app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    socket, port = bind_unused_port()
    listening = HTTPServer(app.web_app)
    listening.add_socket(socket)
    try:
        yield LabServer(app, f"http://127.0.0.1:{port}/user/ada/")
    finally:
        listening.stop()
        await listening.close_all_connections()
        await app._cleanup()
        ServerApp.clear_instance()
