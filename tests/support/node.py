"""A whole node under test, run by the `lifedesk` command, and people logged in to it without a browser."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from tests.support.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
LIFEDESK = REPOSITORY / "lifedesk"

# What a test's own packages must not lend to the command under test.
_OURS_ONLY = {"PYTHONPATH", "VIRTUAL_ENV"}


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    status: int
    output: str
    errors: str


def lifedesk(*arguments: str | Path, cwd: Path | None = None, timeout_seconds: float = 900) -> Finished:
    """Run `./lifedesk` as a person would, from any folder."""
    environment = {name: value for name, value in os.environ.items() if name not in _OURS_ONLY}
    done = subprocess.run(
        [str(LIFEDESK), *map(str, arguments)],
        cwd=cwd or "/",
        env={**environment, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_seconds,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Node:
    """A node that runs."""

    state: Path
    url: str

    @staticmethod
    def url_of(state: Path) -> str:
        """The address of the node with that state."""
        return str(json.loads((state / "deployment.json").read_text())["url"])

    def command(self, *arguments: str | Path, **options: Any) -> Finished:
        """Run `./lifedesk` on this node."""
        return lifedesk(*arguments, "--state", self.state, **options)

    def status(self) -> dict[str, Any]:
        """What `lifedesk status --json` says."""
        done = self.command("status", "--json")
        assert done.status == 0, done.errors
        found: dict[str, Any] = json.loads(done.output)
        return found

    def password(self, name: str) -> str:
        """Password of that demo account."""
        return next(str(account["password"]) for account in self.status()["accounts"] if account["name"] == name)

    @property
    def deployment(self) -> dict[str, Any]:
        """What the node's own commands decided: its name, network, image tags."""
        kept: dict[str, Any] = json.loads((self.state / "deployment.json").read_text())
        return kept

    @property
    def repository_config(self) -> Path:
        """The configuration file that the hub is started with."""
        return REPOSITORY / "jupyterhub_config.py"

    def log(self, name: str) -> str:
        """The log of one of its processes."""
        return (self.state / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def words_of(page: str) -> str:
    """What an HTML page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@contextmanager
def running_node(state: Path, site: Path | None = None) -> Iterator[Node]:
    """A node brought up on a free port; everything of it, homes included, is removed at the end."""
    options = ["--site", str(site)] if site else []
    with removed_at_end(state):
        up = lifedesk("up", "--yes", "--port", "0", "--state", state, *options)
        assert up.status == 0, f"{up.output}\n{up.errors}"
        yield Node(state, Node.url_of(state))


@contextmanager
def removed_at_end(state: Path) -> Iterator[None]:
    """Whatever comes up with that state is taken down at the end, its sessions and homes too."""
    try:
        yield
    finally:
        lifedesk("down", "--sessions", "--state", state)
        _remove_homes(state)


def _remove_homes(state: Path) -> None:
    try:
        name = json.loads((state / "deployment.json").read_text())["name"]
    except FileNotFoundError:
        return
    command = ["docker", "volume", "ls", "--quiet", "--filter", f"name=^{name}-home-"]
    volumes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    if volumes:
        subprocess.run(["docker", "volume", "rm", *volumes], capture_output=True, check=False)


@contextmanager
def logged_in(node: Node, name: str) -> Iterator[Person]:
    """The demo account's person, logged in; their session ends with the block."""
    person = Person(node, name)
    try:
        person.log_in()
        yield person
    finally:
        person.leave()


class Person:
    """Somebody with a browser of their own, as far as HTTP goes."""

    def __init__(self, node: Node, name: str) -> None:
        self.node = node
        self.name = name
        self.web = httpx.Client(base_url=node.url, follow_redirects=True, timeout=60)

    def log_in(self) -> httpx.Response:
        """Log in through the provider's page; the page that the hub shows in the end."""
        page = self.web.get("/hub/oauth_login")
        action = re.search(r'<form method="post" action="([^"]*/login)"', page.text)
        assert action, f"no login form at {page.url}: {page.text[:500]}"
        form = {"name": self.name, "password": self.node.password(self.name)}
        return self.web.post(str(page.url.join(html.unescape(action[1]))), data=form)

    @cached_property
    def username(self) -> str:
        """The hub's name for this person."""
        return str(self.api("GET", "/user").json()["name"])

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the hub's API as the hub's own pages do: by cookie, with the XSRF token."""
        headers = {"X-XSRFToken": self._xsrf(), "Referer": f"{self.node.url}/hub/home", **options.pop("headers", {})}
        return self.web.request(method, f"/hub/api{path}", headers=headers, **options)

    def start(self, **options: str) -> httpx.Response:
        """Order a session; the answer to the order."""
        return self.api("POST", f"/users/{self.username}/server", json=options)

    def start_and_wait(self, timeout_seconds: float = 90, **options: str) -> None:
        """Order a session and wait until it is ready. Raises `AssertionError` with what the hub says of a failure."""
        answer = self.start(**options)
        assert answer.status_code in {201, 202}, f"{answer.status_code}: {answer.text}"
        events = self.start_events(timeout_seconds)
        assert events[-1].get("ready"), f"the session did not become ready: {events}\n{self.node.log('hub')[-3000:]}"

    def failed_start(self, **options: str) -> str:
        """Order a session that cannot start; what the person is told, at once or on the pending page."""
        answer = self.start(**options)
        if answer.status_code >= 400:
            return str(answer.json()["message"])
        assert answer.status_code == 202, f"it started: {answer.status_code}"
        wait_until(lambda: not self.has_session, "the start did not end", timeout_seconds=90)
        page = self.web.get(f"/hub/spawn-pending/{self.username}").text
        return words_of(page)

    def start_events(self, timeout_seconds: float = 90) -> list[dict[str, Any]]:
        """The events of the start under way, to their end."""
        events: list[dict[str, Any]] = []
        path = f"/hub/api/users/{self.username}/server/progress"
        with self.web.stream("GET", path, headers={"Accept": "text/event-stream"}, timeout=timeout_seconds) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    events.append(json.loads(line.removeprefix("data:")))
                    if events[-1].get("ready") or events[-1].get("failed"):
                        break
        return events

    def stop(self) -> None:
        """Stop the session and wait until it is gone."""
        self.api("DELETE", f"/users/{self.username}/server")
        wait_until(lambda: not self.has_session, "the session did not stop")

    @property
    def has_session(self) -> bool:
        """Whether the hub knows a session of theirs, in whatever state."""
        return bool(self.api("GET", f"/users/{self.username}").json().get("servers"))

    def can_use_session(self) -> bool:
        """Whether their session takes them in and shows them their files."""
        lab = self.in_session("lab")
        files = self.in_session("api/contents")
        return lab.status_code == files.status_code == 200 and files.json()["type"] == "directory"

    def in_session(self, path: str) -> httpx.Response:
        """Get a page of the person's own session."""
        return self.web.get(f"/user/{self.username}/{path}")

    @property
    def container(self) -> str:
        """Name of the container of their session."""
        return f"{self.node.deployment['name']}-{self.username}"

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command in their container, as they would in a terminal; what it prints."""
        done = subprocess.run(["docker", "exec", self.container, *command], capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def connect(self, host: str, port: int) -> str:
        """What comes of a TCP connection out of their session: `connected`, or the name of the error."""
        program = (
            "import socket, sys\n"
            "try:\n"
            "    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3)\n"
            "    print('connected')\n"
            "except OSError as error:\n"
            "    print(type(error).__name__)\n"
        )
        return self.run("python", "-c", program, host, str(port)).strip()

    def leave(self) -> None:
        """End the session, if there is one, and close the browser."""
        try:
            if self.api("GET", "/user").status_code == 200:
                self.stop()
        finally:
            self.web.close()

    def _xsrf(self) -> str:
        for _ in range(2):
            for cookie in self.web.cookies.jar:
                if cookie.name == "_xsrf" and cookie.path == "/hub/":
                    return str(cookie.value)
            self.web.get("/hub/home")
        raise AssertionError("the hub gave no XSRF cookie")
