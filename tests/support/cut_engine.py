"""A unix socket that leads to the container engine until the test cuts it, and remembers what was asked of it."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ENGINE = "/var/run/docker.sock"


class CutEngine:
    """Passes bytes on to the engine; once cut, every connection ends and new ones are refused, as of a dead engine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._trigger: bytes | None = None
        self._asked: dict[int, bytearray] = {}
        self.mend()

    def mend(self) -> None:
        """Lead to the engine (again)."""
        self.path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut_when(self, request: bytes) -> None:
        """Cut as soon as a request with these bytes is made, before the engine sees it."""
        self._trigger = request

    def made_containers(self) -> list[dict[str, Any]]:
        """The bodies of the requests to make a container, connection by connection, as JSON."""
        head = re.compile(rb"POST /v[0-9.]+/containers/create\S* HTTP/1.1\r\n(.*?)\r\n\r\n", re.DOTALL)
        bodies = []
        for asked in list(self._asked.values()):
            for found in head.finditer(bytes(asked)):
                length = re.search(rb"Content-Length: ([0-9]+)", found[1])
                assert length, found[1]
                bodies.append(json.loads(asked[found.end() : found.end() + int(length[1])]))
        return bodies

    def cut(self) -> None:
        """End everything now."""
        self._trigger = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.path.unlink(missing_ok=True)
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(ENGINE)
            self._open |= {client, engine}
            threading.Thread(target=self._pass_on, args=(client, engine, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(engine, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if from_client:
                    self._asked.setdefault(id(source), bytearray()).extend(data)
                if from_client and self._trigger and self._trigger in data:
                    self.cut()
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open -= {source}
        source.close()


@contextmanager
def cut_engine(path: Path) -> Iterator[CutEngine]:
    """A way to the engine at `path`, whole at first."""
    way = CutEngine(path)
    try:
        yield way
    finally:
        way.cut()
