"""An HTTP server that speaks the BioStudies API from a folder, and can be told to misbehave.

    python -m tests.support.archive_server --host 127.0.0.1 --port 8765 --folder tests/recordings/biostudies

The folder holds page tabs (`*.json` with `accno` and `section`, anywhere in it), and perhaps `info/<accession>.json`,
`lists/<accession>/<name>.json` (file lists) and `data/<accession>/…` (the files). What is not recorded is made from
what is: search answers from the page tabs, `/info` and file lists from the data. Point `base_url` to
`<address>/api/v1`.

Faults are set with `server.fault(…)` or, from another process, with a POST to `/_faults` of the same as a JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KINDS = (
    "hang",  # accept, then send nothing
    "cut",  # close the connection after `after_bytes` of the body
    "html",  # 200 with a web page
    "status",  # answer `status`, with `retry_after` if given
    "ignore_range",  # 200 and the whole file whatever range is asked for
    "lie_length",  # announce `extra_bytes` more than there are
    "change",  # from now on, other bytes and another ETag
    "redirect",  # 302 to `to` + path, with the query
    "drip",  # `bytes_per_second`
    "no_validators",  # neither ETag nor Last-Modified
)


@dataclass
class Fault:
    """Misbehave for requests whose path holds `path`, `times` times (0: always), after `skip` good ones."""

    kind: str
    path: str = "/"
    times: int = 1
    skip: int = 0
    after_bytes: int = 0
    status: int = 503
    retry_after: str | None = None
    extra_bytes: int = 1000
    bytes_per_second: int = 1000
    to: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault {self.kind!r} is none of {', '.join(KINDS)}")


@dataclass
class Request:
    """A request that was received."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    sent_bytes: int = 0

    @property
    def range(self) -> str | None:
        """Its Range header."""
        return self.headers.get("range")


@dataclass
class Study:
    """A recorded page tab and where its parts are."""

    record: dict[str, Any]
    accession: str
    title: str = ""
    text: str = ""


@dataclass
class ArchiveServer:
    """The server; `record_form` is one of `redirect`, `link`, `document`, `string`: the forms the real one uses."""

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    record_form: str = "redirect"
    total_is_exact: bool = True
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._http = _Server((self.host, self.port), type("Handler", (_Handler,), {"server_state": self}))
        self.port = self._http.server_address[1]

    @property
    def address(self) -> str:
        """`http://host:port`."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What the archive's `base_url` setting has to be."""
        return f"{self.address}/api/v1"

    @property
    def environment(self) -> str:
        """A value for LIFEDESK_ARCHIVES that asks this server alone."""
        return json.dumps({"bioimage-archive": {"base_url": self.base_url}})

    def fault(self, kind: str, path: str = "/", **options: Any) -> Fault:
        """Misbehave from the next fitting request on."""
        fault = Fault(kind, path, **options)
        with self.lock:
            self.faults.append(fault)
        return fault

    def take_fault(self, path: str) -> Fault | None:
        """The fault that fits this request, counted down."""
        with self.lock:
            for fault in self.faults:
                if fault.path in path:
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    if fault.times:
                        fault.times -= 1
                        if not fault.times:
                            self.faults.remove(fault)
                    return fault
        return None

    def asked(self, fragment: str) -> list[Request]:
        """Requests whose path holds `fragment`."""
        with self.lock:
            return [request for request in self.requests if fragment in request.path]

    def serve(self) -> None:
        """Answer until `stop`."""
        self._http.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """End hanging answers and the server."""
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def studies(self) -> dict[str, Study]:
        """The page tabs in the folder, by accession."""
        found: dict[str, Study] = {}
        for path in sorted(self.folder.rglob("*.json")):
            if any(part in ("data", "lists", "info") for part in path.relative_to(self.folder).parts[:-1]):
                continue
            record = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(record, dict) and "accno" in record and "section" in record:
                accession = str(record["accno"])
                found.setdefault(accession, Study(record, accession, _attribute(record, "Title"), json.dumps(record)))
        return found

    def data(self, accession: str) -> Path:
        """The folder of a study's files."""
        return self.folder / "data" / accession


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[ArchiveServer]:
    """The server, answering in threads of this process."""
    server = ArchiveServer(folder, **options)
    thread = threading.Thread(target=server.serve, name="archive-server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server_state: ArchiveServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing; `requests` keeps them."""

    def do_POST(self) -> None:
        """Set a fault from another process."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_faults":
            self.server_state.fault(**json.loads(body))
            return self._json({"faults": len(self.server_state.faults)})
        return self._json({"errorMessage": "Not found"}, 404)

    def do_GET(self) -> None:
        """Answer as BioStudies does, or as the faults say."""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.request_seen = Request(unquote(parts.path), parse_qs(parts.query), headers)
        state = self.server_state
        with state.lock:
            state.requests.append(self.request_seen)
        self.fault = state.take_fault(self.request_seen.path)
        kind = self.fault.kind if self.fault else ""
        try:
            if kind == "hang":
                state.stopping.wait()
                self.close_connection = True
            elif kind == "html":
                self._send(b"<!DOCTYPE html><html><body><h1>Under maintenance</h1></body></html>", "text/html")
            elif kind == "status" and self.fault:
                self._refuse(self.fault)
            elif kind == "redirect" and self.fault:
                self._redirect(self.fault.to + self.path)
            else:
                if kind == "change":
                    state.changed.add(self.request_seen.path)
                self._route(self.request_seen.path.strip("/").split("/"))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _route(self, path: list[str]) -> None:
        match path:
            case ["api", "v1", _, "search"]:
                self._json(self._search())
            case ["api", "v1", "studies", accession]:
                self._record(accession)
            case ["api", "v1", "studies", accession, "info"]:
                self._json(self._info(accession))
            case ["files", accession, name] if name.endswith(".json"):
                self._list(accession, name)
            case ["fire", accession, name] if name == f"{accession}.json":
                study = self.server_state.studies().get(accession)
                self._json(study.record if study else {"errorMessage": "Study not found"}, 200 if study else 404)
            case ["fire", accession, "Files", *rest]:
                self._file(accession, "/".join(rest))
            case ["files", accession, *rest]:
                self._redirect(f"{self.server_state.address}/fire/{accession}/Files/{'/'.join(rest)}")
            case _:
                self._json({"errorMessage": "Not found"}, 404)

    def _search(self) -> dict[str, object]:
        query = self.request_seen.query
        page, size = int(query.get("page", ["1"])[0]), min(int(query.get("pageSize", ["20"])[0]), 100)
        words = query.get("query", [""])[0].replace('"', " ").replace("\\", "").lower().split()
        found = [
            study for study in self.server_state.studies().values() if all(word in study.text.lower() for word in words)
        ]
        answer: dict[str, object] = {
            "page": page,
            "pageSize": size,
            "totalHits": len(found),
            "isTotalHitsExact": self.server_state.total_is_exact,
            "sortBy": "relevance" if words else "release_date",
            "sortOrder": "descending",
        }
        shown = found[(page - 1) * size : page * size]
        if shown:  # absent, not empty, when nothing matched
            answer["hits"] = [_hit(study) for study in shown]
        elif words:
            answer["suggestion"] = []
        return answer

    def _record(self, accession: str) -> None:
        study = self.server_state.studies().get(accession)
        base = f"{self.server_state.address}/fire/{accession}"
        if study is None:
            return self._json({"errorMessage": "Study not found"}, 404)
        match self.server_state.record_form:
            case "redirect":
                return self._redirect(f"{base}/{accession}.json")
            case "link":
                return self._json({"ftpHttp_link": f"{base}/"})
            case "string":
                return self._json({"ftpHttp_link": f"{base}/", "pageTab": json.dumps(study.record)})
            case _:
                return self._json(study.record)

    def _info(self, accession: str) -> object:
        recorded = self.server_state.folder / "info" / f"{accession}.json"
        if accession not in self.server_state.studies():
            return {}
        info = json.loads(recorded.read_text(encoding="utf-8")) if recorded.is_file() else {"isPublic": True}
        folder = self.server_state.data(accession)
        if folder.is_dir():
            info["files"] = info.get("files", sum(1 for path in folder.rglob("*") if path.is_file()))
        return info | {"httpLink": f"{self.server_state.address}/fire/{accession}"}

    def _list(self, accession: str, name: str) -> None:
        recorded = self.server_state.folder / "lists" / accession / name
        folder = self.server_state.data(accession)
        if recorded.is_file():
            return self._send(recorded.read_bytes(), "application/json")
        if folder.is_dir():
            return self._json(_listed(folder))
        return self._json({"errorMessage": "File not found"}, 404)

    def _file(self, accession: str, name: str) -> None:
        folder = self.server_state.data(accession).resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return self._json({"errorMessage": "File not found"}, 404)
        kind = self.fault.kind if self.fault else ""
        headers = {"Accept-Ranges": "bytes"}
        if kind != "no_validators":
            headers |= {"ETag": f'"{self._tag(path)}"', "Last-Modified": formatdate(1_700_000_000, usegmt=True)}
        wanted = self.request_seen.range
        condition = self.request_seen.headers.get("if-range")
        stale = condition is not None and condition not in (headers.get("ETag"), headers.get("Last-Modified"))
        if wanted and kind != "ignore_range" and not stale:
            return self._send_range(path, wanted, headers)
        return self._send(self._read(path, 0, path.stat().st_size), "application/octet-stream", headers=headers)

    def _tag(self, path: Path) -> str:
        facts = path.stat()
        changed_now = self.request_seen.path in self.server_state.changed
        return hashlib.sha256(f"{path} {facts.st_size} {facts.st_mtime_ns} {changed_now}".encode()).hexdigest()[:20]

    def _read(self, path: Path, start: int, end: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            body = file.read(end - start)
        return changed(body) if self.request_seen.path in self.server_state.changed else body

    def _send_range(self, path: Path, wanted: str, headers: dict[str, str]) -> None:
        size = path.stat().st_size
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if start >= size:
            return self._send(b"", "text/plain", 416, {"Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return self._send(self._read(path, start, end), "application/octet-stream", 206, headers)

    def _json(self, value: object, status: int = 200) -> None:
        self._send(json.dumps(value).encode(), "application/json", status)

    def _redirect(self, to: str) -> None:
        from urllib.parse import quote

        self._send(b"", "text/plain", 302, {"Location": quote(to, safe="%:/?&=#+") if "%" not in to else to})

    def _refuse(self, fault: Fault) -> None:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        self._send(b'{"errorMessage":"no"}', "application/json", fault.status, headers)

    def _send(self, body: bytes, media_type: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        fault = self.fault if hasattr(self, "fault") else None
        kind = fault.kind if fault else ""
        extra = fault.extra_bytes if fault and kind == "lie_length" else 0
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body) + extra))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if fault and kind == "drip":
            self._drip(body, fault.bytes_per_second)
        else:
            shown = body[: fault.after_bytes] if fault and kind == "cut" else body
            self.wfile.write(shown)
            self.request_seen.sent_bytes += len(shown)
        if kind in ("cut", "lie_length"):
            self.wfile.flush()
            self.close_connection = True

    def _drip(self, body: bytes, bytes_per_second: int) -> None:
        step = max(1, bytes_per_second // 20)
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            self.request_seen.sent_bytes += len(body[start : start + step])
            if self.server_state.stopping.wait(0.05):
                return


def changed(body: bytes) -> bytes:
    """What a file has become after the fault `change`: every bit turned."""
    return body.translate(bytes(range(255, -1, -1)))


def _hit(study: Study) -> dict[str, object]:
    authors = [
        _attribute(part, "Name")
        for part in study.record["section"].get("subsections", [])
        if isinstance(part, dict) and str(part.get("type", "")).lower() == "author"
    ]
    return {
        "accession": study.accession,
        "type": "study",
        "title": study.title or _attribute(study.record["section"], "Title"),
        "author": ", ".join(authors),
        "links": 0,
        "files": 0,
        "release_date": _attribute(study.record, "ReleaseDate"),
        "views": 0,
        "isPublic": True,
        "content": f"<span class='highlight'>{study.title}</span>",
    }


def _attribute(part: dict[str, Any], name: str) -> str:
    attributes = part.get("attributes") or []
    return next((str(a.get("value", "")) for a in attributes if isinstance(a, dict) and a.get("name") == name), "")


def _listed(folder: Path) -> list[dict[str, object]]:
    """A file list made from the files; a Zarr is one entry of type directory, as the archive lists it."""
    found: list[dict[str, object]] = []
    trees = [path for path in sorted(folder.rglob("*.zarr")) if path.is_dir()]
    for path in trees:
        found.append({"path": path.relative_to(folder).as_posix(), "size": 0, "type": "directory", "attributes": []})
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(tree) for tree in trees):
            name = path.relative_to(folder).as_posix()
            found.append({"path": name, "size": path.stat().st_size, "type": "file", "attributes": [{}]})
    return found


def main() -> None:
    """Serve until interrupted; the address is printed when it answers."""
    parser = argparse.ArgumentParser(description="Speak the BioStudies API from a folder.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--address-file", type=Path, help="write the address here when listening")
    arguments = parser.parse_args()
    server = ArchiveServer(arguments.folder, host=arguments.host, port=arguments.port)
    if arguments.address_file:
        arguments.address_file.write_text(server.address, encoding="utf-8")
    print(server.address, flush=True)  # noqa: T201  (what it is asked for)
    server.serve()


if __name__ == "__main__":
    main()
