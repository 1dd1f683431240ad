"""The front web server: what it serves itself, and that all else passes as if it were not there."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import docker
import httpx
import pytest

from lifedesk_hub.node.front import SERVED_BY
from tests.support.front_server import Front, front_server
from tests.support.node import Node, logged_in

SCRIPT = b"console.log('lab');" * 100
LAB = "lab/jlab_core.8811dd2733d03721.js"
EXTENSION = "extensions/@jupyter-widgets/jupyterlab-manager/static/remoteEntry.c8c9eed2cdefdeac.js"


@pytest.fixture(params=["", "/desk.v2"], ids=["at-root", "below-a-path"])
def front(request: pytest.FixtureRequest, docker_engine: docker.DockerClient, short_folder: Path) -> Iterator[Front]:
    """The front server, with two files; `docker_engine` stands for the node's parts, which include nginx."""
    with front_server(short_folder, request.param) as running:
        for name in (LAB, EXTENSION):
            path = running.files / name
            path.parent.mkdir(parents=True)
            path.write_bytes(SCRIPT)
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(SCRIPT))
        (running.files.parent / "secret.0123456789abcdef.js").write_text("private")
        yield running


def is_served_here(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("X-Served-By") == SERVED_BY)


@pytest.mark.parametrize("path", ["static/lab/jlab_core.8811dd2733d03721.js?v=8811dd2733d03721", f"lab/{EXTENSION}"])
def test_a_hashed_file_comes_compressed_and_for_good_whoevers_session_asks(front: Front, path: str) -> None:
    for user in ("ada", "bo-2d", "nobody.yet"):
        answer = httpx.get(f"{front.url}/user/{user}/{path}", headers={"Accept-Encoding": "gzip"})
        assert is_served_here(answer)
        assert answer.content == SCRIPT
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) < len(SCRIPT) / 10
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "text/javascript"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
    plain = httpx.get(f"{front.url}/user/ada/{path}", headers={"Accept-Encoding": "identity"})
    assert (plain.content, plain.headers.get("Content-Encoding")) == (SCRIPT, None)


@pytest.mark.parametrize(
    "path",
    [
        "user/ada/static/lab/mine.0123456789abcdef.js?v=1",  # an image of another time
        "user/ada/static/lab/style.js",
        "user/ada/lab/extensions/my-own/static/remoteEntry.0123456789abcdef.js",  # the person's own extension
        "user/ada/lab/extensions/@jupyter-widgets/jupyterlab-manager/static/style.js",
        "user/ada/files/static/lab/jlab_core.8811dd2733d03721.js",
        "user/ada/named/static/lab/jlab_core.8811dd2733d03721.js",
        "user/ada/api/contents/a%2Fb%20c%3Fd?content=1&x=%2F",
        "user/ada/lab/tree//double///slash",
        "hub/static/lab/jlab_core.8811dd2733d03721.js",
        "static/lab/jlab_core.8811dd2733d03721.js",
    ],
)
def test_every_other_address_reaches_the_proxy_letter_by_letter(front: Front, path: str) -> None:
    answer = httpx.get(f"{front.url}/{path}")
    assert not is_served_here(answer)
    assert answer.json()["path"] == f"{httpx.URL(front.url).path.rstrip('/')}/{path}"


@pytest.mark.parametrize(
    "path",
    [
        "static/lab/../secret.0123456789abcdef.js",
        "static/lab/..%2f..%2fsecret.0123456789abcdef.js",
        "static/lab/%2e%2e/%2e%2e/secret.0123456789abcdef.js",
        "lab/extensions/../secret.0123456789abcdef.js",
        "lab/extensions/../../secret.0123456789abcdef.js/static/x.0123456789abcdef.js",
        "lab/extensions/%2e%2e/static/secret.0123456789abcdef.js",
        "lab/extensions/..%2f..%2f/static/secret.0123456789abcdef.js",
        "static/lab//etc/passwd",
    ],
)
def test_no_address_leads_out_of_the_folder(front: Front, path: str) -> None:
    answer = raw_get(front, f"{httpx.URL(front.url).path.rstrip('/')}/user/ada/{path}")
    assert b"private" not in answer
    assert SERVED_BY.encode() not in answer


def raw_get(front: Front, path: str) -> bytes:
    """The answer to a path that no client library would send."""
    url = httpx.URL(front.url)
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_what_the_proxy_is_told_of_the_browser_is_what_came(front: Front) -> None:
    sent = {
        "Host": "desk.example:8443",
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "https",
        "X-Scheme": "https",
        "Cookie": "a=" + "x" * 7000,
        "with_underscore": "kept",
    }
    came = httpx.get(f"{front.url}/hub/login", headers=sent).json()["headers"]
    assert {name: came.get(name) for name in sent} == sent
    assert "Upgrade" not in came
    assert not {"X-Real-IP", "Forwarded", "X-Forwarded-Host"} & set(came)


def test_a_browsers_wish_for_a_websocket_reaches_the_session(front: Front) -> None:
    wish = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"}
    came = httpx.get(f"{front.url}/user/ada/api/kernels/1/channels", headers=wish).json()["headers"]
    assert (came["Upgrade"], came["Connection"].lower(), came["Sec-WebSocket-Key"]) == ("websocket", "upgrade", "x")


def test_a_session_gives_the_front_server_no_orders(front: Front) -> None:
    prefix = httpx.URL(front.url).path.rstrip("/")
    order = {"X-Accel-Redirect": f"{prefix}/hub/api/user", "X-Accel-Limit-Rate": "1"}
    front.behind.answers[f"{prefix}/user/eve/lab"] = (200, order, b"mine")
    assert httpx.get(f"{front.url}/user/eve/lab").text == "mine"


def test_answers_of_sessions_are_compressed_and_pages_of_the_hub_are_not(front: Front) -> None:
    prefix = httpx.URL(front.url).path.rstrip("/")
    long = b'{"setting": "' + b"x" * 5000 + b'"}'
    for path in ("user/ada/lab/api/settings", "hub/api/user", "hub/static/hub.css"):
        front.behind.answers[f"{prefix}/{path}"] = (200, {"Set-Cookie": "mine=1; Path=/user/ada/"}, long)
    found = {}
    for path in ("user/ada/lab/api/settings", "hub/api/user", "hub/static/hub.css"):
        answer = httpx.get(f"{front.url}/{path}", headers={"Accept-Encoding": "gzip"})
        assert answer.content == long
        assert answer.headers["Set-Cookie"] == "mine=1; Path=/user/ada/"
        found[path] = answer.headers.get("Content-Encoding")
    assert list(found.values()) == ["gzip", None, "gzip"]


def test_an_upload_of_any_size_reaches_the_session_as_it_is_sent(front: Front) -> None:
    url, size = httpx.URL(front.url), 50_000_000
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        head = f"POST /user/ada/api/contents/big HTTP/1.1\r\nHost: desk\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 1000)
        answer = b""
        while f"{size - 1000}\n".encode() not in answer:
            answer += connection.recv(65536)  # the rest is not sent yet


def test_it_takes_as_many_connections_as_the_system_allows(front: Front) -> None:
    [limits] = [line for line in Path(f"/proc/{front.pid}/limits").read_text().splitlines() if "open files" in line]
    soft, hard = limits.split()[3:5]
    assert soft == hard


def test_while_the_proxy_is_away_people_read_so_in_plain_words(front: Front) -> None:
    front.behind.stop()
    answer = httpx.get(f"{front.url}/hub/home")
    assert answer.status_code == 503
    assert "No answer at the moment" in answer.text
    assert is_served_here(httpx.get(f"{front.url}/user/ada/static/{LAB}"))


def test_the_node_serves_what_a_first_visit_loads_before_any_session_runs(node: Node) -> None:
    with logged_in(node, "researcher2") as person:
        page = person.web.get("/hub/spawn").text
        addresses = re.findall(r'<link rel="prefetch" as="script" href="([^"]+)">', page)
        assert len(addresses) > 20
        assert all(address.startswith(f"/user/{person.username}/") for address in addresses)
        assert all(is_served_here(person.web.get(address)) for address in addresses)
