"""The front web server alone, before a server that tells what reached it and answers whatever a test wants."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lifedesk_hub.node import front
from lifedesk_hub.node.ports import free_port
from tests.support.site import a_deployment
from tests.support.waiting import wait_until


@dataclass
class Behind:
    """What is behind the front server: answers with the request as it came, or with what `answers` has for its path."""

    port: int = 0
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    stop: Callable[[], None] = field(default=lambda: None)
    """Take no more connections."""


@contextmanager
def something_behind() -> Iterator[Behind]:
    """A server on a free port of 127.0.0.1."""
    behind = Behind()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = behind.answers.get(self.path.partition("?")[0], (200, {}, self._as_it_came()))
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                **headers,
                "Content-Length": str(len(body)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            """Say how much of the body has come, as it comes."""
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            missing = int(self.headers["Content-Length"])
            while missing:
                missing -= len(self.rfile.read1(min(missing, 65536)))
                word = f"{missing}\n".encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(word), word))
            self.wfile.write(b"0\r\n\r\n")

        def _as_it_came(self) -> bytes:
            return json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    behind.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    behind.stop = stop
    try:
        yield behind
    finally:
        stop()


@dataclass(frozen=True)
class Front:
    """A running front server: its address, the folder of its files, and what is behind it."""

    url: str
    files: Path
    behind: Behind
    pid: int


@contextmanager
def front_server(state: Path, prefix: str = "") -> Iterator[Front]:
    """nginx as a node runs it, with no file yet."""
    with something_behind() as behind:
        url = f"http://127.0.0.1:{free_port()}"
        deployment = a_deployment(state, proxy_bind_url=f"{url}{prefix}", proxy_url=f"http://127.0.0.1:{behind.port}")
        front.write_configuration(deployment)
        files = state / "assets" / "current"
        files.mkdir(parents=True)
        with (state / "front.log").open("wb") as log:
            process = subprocess.Popen(front.command(deployment), stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(url), "nginx did not start")
            yield Front(f"{url}{prefix}", files, behind, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _answers(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False
