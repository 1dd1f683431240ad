"""A session's container as the hub makes it, under full hardening, and a hub for it to talk to."""

from __future__ import annotations

import asyncio
import io
import json
import re
import tarfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import httpx
from docker.models.containers import Container
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from images.plan import read_images, with_parents
from lifedesk_hub import singleuser
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-this-test"
SCOPE = "access:servers!server=ada/"


def images_on(name: str) -> list[str]:
    """The image `name` and all that are built on it: what holds for it must hold for them."""
    images = read_images(ROOT)
    return [image for image in images if name in [parent.name for parent in with_parents(images, [image])]]


def hardening() -> dict[str, object]:
    """The keyword arguments of `containers.run` for a container with the least rights a session needs."""
    return {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": 512,
        "mem_limit": "2g",
        "init": True,
        "tmpfs": {"/tmp": "size=512m,nosuid,nodev"},
    }


@contextmanager
def home_volume(engine: docker.DockerClient) -> Iterator[str]:
    """The name of a new volume for a home directory."""
    volume = engine.volumes.create(f"ldtest-home-{uuid.uuid4().hex[:8]}")
    try:
        yield volume.name
    finally:
        volume.remove(force=True)


def run(engine: docker.DockerClient, tag: str, command: list[str], home: str | None = None, **changed: object) -> str:
    """What `command` prints in a hardened container of `tag`; an error, with what it complains, when it fails."""
    volumes = {home: {"bind": singleuser.HOME}} if home else {}
    alone = {"network_mode": "none", "remove": True}
    arguments = {**hardening(), **alone, "volumes": volumes, **changed}
    output: bytes = engine.containers.run(tag, command, name=_name(), **arguments)
    return output.decode()


def file_in(engine: docker.DockerClient, tag: str, path: str) -> str:
    """The text of a file of the image; unlike what a container prints, it may be long."""
    container = engine.containers.create(tag, name=_name())
    try:
        chunks, _ = container.get_archive(path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            member = archive.extractfile(Path(path).name)
            assert member is not None, path
            return member.read().decode()
    finally:
        container.remove()


@dataclass(frozen=True)
class Hub:
    """Where servers find the hub: the address of its API and the network both are on."""

    url: str
    network: str


@dataclass(frozen=True)
class Server:
    """A single-user server that runs in a container."""

    container: Container
    url: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers={"Authorization": f"token {TOKEN}"})

    def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=body, headers={"Authorization": f"token {TOKEN}"}, timeout=30)

    def execute(self, code: str, kernel: str = "python3") -> str:
        """What `code` prints in a new kernel."""
        started = self.post("/api/kernels", {"name": kernel})
        assert started.status_code == 201, started.text
        return asyncio.run(_execute(f"ws{self.url[4:]}/api/kernels/{started.json()['id']}/channels", code))

    def terminal(self, script: str) -> str:
        """What a new terminal shows while it runs the lines of `script`, with what the shell says itself."""
        started = self.post("/api/terminals", {})
        assert started.status_code == 200, started.text
        return asyncio.run(_type(f"ws{self.url[4:]}/terminals/websocket/{started.json()['name']}", script))

    def log(self) -> str:
        return str(self.container.logs().decode())

    def processor_seconds(self) -> float:
        """Processor time the server process has used since its start."""
        fields = self.shell("cat /proc/$(cut -d ' ' -f 1 /proc/1/task/1/children)/stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def shell(self, script: str) -> str:
        done = self.container.exec_run(["sh", "-c", script])
        assert done.exit_code == 0, done.output.decode()
        return str(done.output.decode())


@contextmanager
def server(
    engine: docker.DockerClient,
    tag: str,
    hub: Hub,
    home: str | None = None,
    command: str | Sequence[str] = singleuser.COMMAND,
    **changed: object,
) -> Iterator[Server]:
    """A server of the user ada that answers on its port; the container is removed in the end."""
    volumes = {home: {"bind": singleuser.HOME}} if home else {}
    settings = {"volumes": volumes, "environment": environment_of(hub.url), "network": hub.network}
    arguments = {**hardening(), **settings, **changed}
    words = [command] if isinstance(command, str) else list(command)
    container = engine.containers.run(tag, words, detach=True, name=_name(), **arguments)
    try:
        container.reload()
        address = container.attrs["NetworkSettings"]["Networks"][hub.network]["IPAddress"]
        started = Server(container, f"http://{address}:{singleuser.PORT}/user/ada")
        wait_until(lambda: _answers(started), "the server did not answer")
        yield started
    finally:
        container.remove(force=True)


@contextmanager
def running_hub(engine: docker.DockerClient) -> Iterator[Hub]:
    """A hub that knows one user and one token, on a network of its own."""
    network = engine.networks.create(_name(), driver="bridge")
    network.reload()
    gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
    served = ThreadingHTTPServer((gateway, 0), _Answers)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    try:
        yield Hub(f"http://{gateway}:{served.server_address[1]}/hub/api", network.name)
    finally:
        served.shutdown()
        served.server_close()
        thread.join()
        network.remove()


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer()

    def _answer(self) -> None:
        known = self.headers.get("Authorization") in (f"token {TOKEN}", f"Bearer {TOKEN}")
        is_open = self.path in ("/hub/api", "/hub/api/")  # says the version, to everybody
        user = {"kind": "user", "name": "ada", "admin": False, "groups": [], "scopes": [SCOPE]}
        answer = {"version": "6.1.1"} if is_open else user if known else {"status": 403, "message": "no"}
        body = json.dumps(answer).encode()
        self.send_response(200 if known or is_open else 403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (the name in the standard library)
        pass


async def _execute(url: str, code: str) -> str:
    content = {"code": code, "silent": False, "store_history": False}
    header = {"msg_id": "1", "msg_type": "execute_request", "session": "1", "username": "", "version": "5.3"}
    request = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    socket = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"}))
    await socket.write_message(json.dumps(request))
    printed = ""
    while answer := await asyncio.wait_for(socket.read_message(), 60):
        message = json.loads(answer)
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream":
            printed += message["content"]["text"]
        elif message["content"].get("execution_state") == "idle" and message["parent_header"].get("msg_id") == "1":
            break
    socket.close()
    while await socket.read_message() is not None:  # the connection is closed once both ends have said so
        pass
    return printed


async def _type(url: str, script: str) -> str:
    request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
    socket = await websocket_connect(request)
    await socket.write_message(json.dumps(["stdin", f"{script}\nexit\n"]))
    shown = ""
    while answer := await asyncio.wait_for(socket.read_message(), 60):
        kind, *content = json.loads(answer)
        if kind == "stdout":
            shown += content[0]
        elif kind == "disconnect":
            break
    socket.close()
    while await socket.read_message() is not None:  # the connection is closed once both ends have said so
        pass
    without_colours = re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)", "", shown)
    return re.sub(r"\r+\n?", "\n", without_colours)


def environment_of(hub_url: str) -> dict[str, str]:
    """What a hub at that address tells the server of the user ada."""
    return {
        "JUPYTERHUB_API_TOKEN": TOKEN,
        "JUPYTERHUB_API_URL": hub_url,
        "JUPYTERHUB_ACTIVITY_URL": f"{hub_url}/users/ada/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:{singleuser.PORT}/user/ada/",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": "/user/ada/oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps([SCOPE]),
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps([SCOPE]),
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada",
        "JUPYTERHUB_USER": "ada",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_SERVER_NAME": "",
        "CPU_LIMIT": "1.5",
        "MEM_LIMIT": str(2 * 1024**3),
    }


def _answers(started: Server) -> bool:
    started.container.reload()
    assert started.container.status == "running", started.log()
    try:
        return started.get("/api").status_code == 200
    except httpx.TransportError:
        return False


def _name() -> str:
    return f"ldtest-{uuid.uuid4().hex[:8]}"
