"""Runs in a container of an image, sent there as text: does what was installed work, and does the server still start?

`python -c … PACKAGE…` prints one line of JSON for each fault: {"about": "import" | "check" | "server", "what": …,
"said": …}, and nothing when all is well. Needs Python 3.11's standard library, no network and no home.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions
from typing import Any

SERVER = "lifedesk-singleuser"
TOKEN = "image-check"
START_SECONDS = 60
_NO_MODULES = {"benchmarks", "doc", "docs", "examples", "scripts", "test", "tests"}
"""Folders that some packages leave beside their modules."""


def modules_of(packages: set[str]) -> dict[str, list[str]]:
    """Package → the modules it brings, of the packages named."""
    found: dict[str, list[str]] = {}
    for module, owners in packages_distributions().items():
        if module.isidentifier() and module not in _NO_MODULES:
            for owner in owners:
                name = re.sub(r"[-_.]+", "-", owner).lower()
                if name in packages:
                    found.setdefault(name, []).append(module)
    return found


def tell(about: str, what: str, said: str) -> None:
    sys.stdout.write(json.dumps({"about": about, "what": what, "said": said}) + "\n")


def check_imports(packages: set[str]) -> None:
    """Import every module of every package, each in a process of its own."""
    for package, modules in sorted(modules_of(packages).items()):
        for module in modules:
            done = subprocess.run(
                [sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False
            )
            if done.returncode:
                last = done.stderr.strip().splitlines()[-1:] or [f"it ended with status {done.returncode}"]
                tell("import", package, last[0])
                break


@cache
def jupyterhub_version() -> str:
    """The release of JupyterHub in the image, which a server compares with its hub's; empty without one."""
    return subprocess.run(
        [sys.executable, "-c", "import jupyterhub; print(jupyterhub.__version__)"], capture_output=True, text=True
    ).stdout.strip()


class _Hub(BaseHTTPRequestHandler):
    """Answers a server as a hub that knows one user."""

    def do_GET(self) -> None:
        scopes = ["access:servers!server=check/"]
        answer = {
            "version": jupyterhub_version(),
            "kind": "user",
            "name": "check",
            "admin": False,
            "groups": [],
            "scopes": scopes,
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  (the name in the standard library)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  (the name in the standard library)
        pass


def check_server() -> None:
    """Start the single-user server beside a hub that knows one user, and wait for its first answer."""
    hub = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    api = f"http://127.0.0.1:{hub.server_address[1]}/hub/api"
    scopes = json.dumps(["access:servers!server=check/"])
    identity = {
        "API_TOKEN": TOKEN, "API_URL": api, "ACTIVITY_URL": f"{api}/users/check/activity", "BASE_URL": "/",
        "SERVICE_PREFIX": "/user/check/", "SERVICE_URL": "http://127.0.0.1:8888/user/check/",
        "OAUTH_CALLBACK_URL": "/user/check/oauth_callback", "OAUTH_SCOPES": scopes, "OAUTH_ACCESS_SCOPES": scopes,
        "CLIENT_ID": "jupyterhub-user-check", "USER": "check", "HOST": "", "SERVER_NAME": "",
    }  # fmt: skip
    variables = {**os.environ, **{f"JUPYTERHUB_{name}": value for name, value in identity.items()}}
    with tempfile.TemporaryFile("w+") as log:
        try:
            running = subprocess.Popen([SERVER], env=variables, stdout=log, stderr=log)
        except OSError as error:
            tell("server", SERVER, f"{error.strerror}: there is no program {SERVER} in the image")
            return
        if not _answers(running):
            log.seek(0)
            lines = [line.strip() for line in log if line.strip()]
            tell("server", SERVER, lines[-1] if lines else "it said nothing")
        running.kill()
        running.wait()


def _answers(running: subprocess.Popen[bytes]) -> bool:
    """Whether the server answers before it ends or its time is up."""
    deadline = time.monotonic() + START_SECONDS
    request = urllib.request.Request(
        "http://127.0.0.1:8888/user/check/api", headers={"Authorization": f"token {TOKEN}"}
    )
    while running.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    check_imports(set(sys.argv[1:]))
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    if checked.returncode:
        tell("check", "pip check", checked.stdout.strip() or checked.stderr.strip())
    check_server()
