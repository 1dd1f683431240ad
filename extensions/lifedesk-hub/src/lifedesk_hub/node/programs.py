"""The processes that make a node: front web server, proxy, demo login, hub, housekeeping."""

from __future__ import annotations

import hashlib
import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.node import front
from lifedesk_hub.node.demo import DEMO_LOGIN
from lifedesk_hub.node.nodejs import NODE
from lifedesk_hub.node.state import REPOSITORY, STATE_VARIABLE, State
from lifedesk_hub.node.supervision import Program
from lifedesk_hub.pages import PROXY_ERRORS_FOLDER
from lifedesk_hub.site import Site

HUB_SOURCE = REPOSITORY / "extensions" / "lifedesk-hub" / "src"
PROXY_PROGRAM = (
    REPOSITORY
    / "requirements"
    / "proxy"
    / "node_modules"
    / "configurable-http-proxy"
    / "bin"
    / "configurable-http-proxy"
)


def programs(state: State, site: Site, deployment: Deployment) -> tuple[Program, ...]:
    """The processes of that deployment. A change of their code or settings changes them, so that they start anew."""
    python = sys.executable
    hub_environment = {
        "PYTHONPATH": str(HUB_SOURCE),
        "PYTHONUNBUFFERED": "1",
        STATE_VARIABLE: str(state.root),
        "LIFEDESK_FINGERPRINT": fingerprint(HUB_SOURCE, site.model_dump_json(), deployment.model_dump_json()),
    }
    found = [
        Program("proxy", _proxy_command(deployment), priority=10),
        Program(
            "hub", (python, "-m", "jupyterhub", "-f", str(REPOSITORY / "jupyterhub_config.py")), hub_environment, 30
        ),
        Program("housekeeping", (python, "-m", "lifedesk_hub.node.housekeeping"), hub_environment, 40),
    ]
    if deployment.proxy_url:
        environment = {"LIFEDESK_FINGERPRINT": fingerprint(PROXY_ERRORS_FOLDER, front.configuration(deployment))}
        found.append(Program("front", front.command(deployment), environment, priority=15))
    if deployment.demo_issuer:
        settings = state.demo_login / "settings.json"
        environment = {"LIFEDESK_FINGERPRINT": fingerprint(DEMO_LOGIN / "src", deployment.model_dump_json())}
        command = (str(NODE), str(DEMO_LOGIN / "src" / "main.js"), "--settings", str(settings))
        found.append(Program("demo-login", command, environment, priority=20))
    return tuple(found)


def _proxy_command(deployment: Deployment) -> tuple[str, ...]:
    """The proxy takes its token from the environment only; the shell reads it, so that no argument list shows it."""
    own, api = urlsplit(deployment.proxy_url or deployment.proxy_bind_url), urlsplit(deployment.proxy_api_url)
    arguments = [str(NODE), str(PROXY_PROGRAM), "--ip", str(own.hostname), "--port", str(own.port)]
    arguments += ["--api-ip", str(api.hostname), "--api-port", str(api.port)]
    arguments += [
        "--default-target",
        deployment.hub_url,
        "--error-target",
        f"{deployment.hub_url}{urlsplit(deployment.proxy_bind_url).path}/hub/error",
    ]
    token = shlex.quote(str(deployment.secrets / "proxy_token"))
    return ("/bin/sh", "-c", f'CONFIGPROXY_AUTH_TOKEN="$(cat {token})" exec {shlex.join(arguments)}')


def fingerprint(folder: Path, *values: str) -> str:
    """A digest of the code in `folder` and of `values`."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".pyc"}):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    for value in values:
        digest.update(b"\0" + value.encode())
    return digest.hexdigest()[:16]
