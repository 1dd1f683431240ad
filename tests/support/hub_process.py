"""A real hub behind the real proxy, with the login under test; sessions are small web servers on this machine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from traitlets.config import Config

from lifedesk_hub.login import login_config, operator_role
from lifedesk_hub.node.ports import free_port
from lifedesk_hub.site import Site
from tests.support.http_browser import Form, HttpBrowser, forms_of
from tests.support.identity_providers import CLIENT_ID, CLIENT_SECRET, Person, urn
from tests.support.processes import Process
from tests.support.proxy import proxy_command
from tests.support.site import a_deployment, small_site
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
SERVICE_TOKEN = "token-of-the-service-that-the-tests-use-0123456789"


def login_site(**login: object) -> Site:
    """A site with the demo's groups, and more for providers with other claims."""
    groups: list[dict[str, object]] = [
        {"name": name, "urns": [urn(name)]} for name in ("imaging", "structural", "operators")
    ]
    groups.append({"name": "plain", "claim_values": ["timelords", "scientists"]})
    return small_site(
        name="Test node",
        contact="the test desk (desk@lifedesk.example)",
        groups=groups,
        login={"provider": "demo", **login},
        mounts=[],
        profiles=[{"slug": "one", "display_name": "One", "description": "One", "image": "imaging", "sizes": ["small"]}],
    )


def other_provider(issuer: str, **login: object) -> dict[str, object]:
    """The `login` section for a provider that is found by discovery."""
    return {
        "provider": "oidc",
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": {"env": "UNUSED"},
        **login,
    }


class LoginHub:
    """A hub that keeps everything in `folder`; started with `start`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self._api = f"http://127.0.0.1:{free_port()}"
        self._hub_port = free_port()
        self._process: Process | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, site: Site, demo_issuer: str | None) -> None:
        """Starts the hub and waits until it answers through the proxy."""
        (self.folder / "site.json").write_text(site.model_dump_json(by_alias=True))
        (self.folder / "jupyterhub_config.py").write_text(
            f"from tests.support.hub_process import configure\nconfigure(get_config(), {self._facts(demo_issuer)!r})\n"
        )
        python_path = os.pathsep.join((str(ROOT), str(ROOT / "extensions" / "lifedesk-hub" / "src")))
        environment = {"PYTHONPATH": python_path, "JUPYTERHUB_CRYPT_KEY": "0f" * 32, "PYTHONWARNINGS": "default"}
        command = [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"]
        self._process = Process(command, self.folder, self.folder / "hub.log", environment)
        self._process.until_answers(f"{self.url}/hub/api/")

    def stop(self) -> None:
        """Ends the hub, its proxy and its sessions."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    @property
    def log(self) -> str:
        return (self.folder / "hub.log").read_text(errors="replace")

    @property
    def audit(self) -> list[dict[str, Any]]:
        """The audit log so far."""
        path = self.folder / "audit.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def api(self, method: str, path: str, token: str = SERVICE_TOKEN, body: object = None) -> httpx.Response:
        """One request to the hub's API, as the tests' own service or with somebody's token."""
        headers = {"Authorization": f"token {token}"}
        return httpx.request(
            method, f"{self.url}/hub/api{path}", headers=headers, json=body, trust_env=False, timeout=30
        )

    def user(self, name: str) -> dict[str, Any]:
        """What the hub says about one user."""
        answer = self.api("GET", f"/users/{name}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _facts(self, demo_issuer: str | None) -> dict[str, object]:
        return {
            "folder": str(self.folder),
            "url": self.url,
            "api": self._api,
            "hub_port": self._hub_port,
            "demo_issuer": demo_issuer,
            "proxy": proxy_command(),
        }


def configure(c: Config, facts: dict[str, Any]) -> None:
    """Fills the configuration of the hub process."""
    folder = Path(facts["folder"])
    site = Site.model_validate_json((folder / "site.json").read_text())
    deployment = a_deployment(folder, url=facts["url"], demo_issuer=facts["demo_issuer"])
    c.merge(login_config(site, deployment, SecretStr(CLIENT_SECRET)))
    c.JupyterHub.bind_url = facts["url"]
    c.JupyterHub.default_url = "/hub/token"
    c.JupyterHub.hub_port = facts["hub_port"]
    c.JupyterHub.db_url = f"sqlite:///{folder / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
    c.ConfigurableHTTPProxy.command = facts["proxy"]
    c.ConfigurableHTTPProxy.api_url = facts["api"]
    c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
    c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
    c.SimpleLocalProcessSpawner.cmd = [sys.executable, str(ROOT / "tests" / "support" / "pages_session.py")]
    c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "homes" / "{username}")
    c.JupyterHub.services = [{"name": "tests", "api_token": SERVICE_TOKEN}]
    c.JupyterHub.load_roles = [
        operator_role(site),
        {
            "name": "tests",
            "scopes": ["admin:users", "admin:servers", "admin:groups", "list:users"],
            "services": ["tests"],
        },
    ]


class Visitor:
    """Somebody with a browser, at a hub whose login leads to the demo provider."""

    def __init__(self, hub: LoginHub) -> None:
        self.hub = hub
        self.browser = HttpBrowser()

    def open(self, path: str, stop_at: str | None = None) -> httpx.Response:
        """The page of the hub at the end of all redirects."""
        return self.browser.open(f"{self.hub.url}{path}", stop_at)

    def status(self, path: str = "/hub/home") -> int:
        """Status of the page itself, no redirect followed."""
        return self.browser.request("GET", f"{self.hub.url}{path}").status_code

    def begin(self, next_url: str | None = None, stop_at: str | None = None) -> httpx.Response:
        """The provider's first page."""
        query = str(httpx.QueryParams({"next": next_url})) if next_url is not None else ""
        return self.open(f"/hub/oauth_login{'?' if query else ''}{query}", stop_at)

    def log_in(self, person: Person, next_url: str | None = "/hub/home", stop_at: str | None = None) -> httpx.Response:
        """Logs in through the provider's form, if it shows one; the page that comes in the end."""
        page = self.begin(next_url, stop_at)
        form = next((form for form in forms_of(page) if form.action.endswith("/login")), None)
        if form is None:  # the provider knows the person from before, or the hub refused to begin
            return page
        fields = {**form.fields, "name": person.name, "password": person.password}
        return self.browser.submit(page, Form(form.action, form.method, fields), stop_at)

    def cancel(self) -> httpx.Response:
        """Presses Cancel on the provider's page; the page that comes then."""
        page = self.begin("/hub/home")
        return self.browser.submit(page, next(form for form in forms_of(page) if form.action.endswith("/cancel")))

    def callback(self, person: Person, next_url: str | None = "/hub/home") -> str:
        """Logs in at the provider and stops on the way back: the address the browser was sent to."""
        stop_at = f"{self.hub.url}/hub/oauth_callback"
        response = self.log_in(person, next_url, stop_at=stop_at)
        location = response.headers.get("location", "")
        assert location.startswith(stop_at), f"not sent back, but to {response.url}: {response.text[:300]}"
        return str(location)

    def name(self) -> str:
        """The hub's name for the person who is logged in."""
        data = self.my_data()
        return str(data["user"]["name"])

    def my_data(self) -> dict[str, Any]:
        """The person's own data, as the hub gives it."""
        answer = self.open("/hub/my-data")
        assert answer.status_code == 200, answer.text[:500]
        return dict(answer.json())

    def new_token(self) -> str:
        """A token that the person makes for scripts."""
        return str(self._post_api(f"/users/{self.name()}/tokens", {"note": "tests"}).json()["token"])

    def start_server(self) -> str:
        """Starts the person's server; the path at which it answers."""
        name = self.name()
        answer = self._post_api(f"/users/{name}/server", {})
        assert answer.status_code in {201, 202}, answer.text
        path = f"/user/{name}/"
        wait_until(lambda: self.status(path) == 200, "the server did not start")
        return path

    def start_server_of(self, name: str) -> httpx.Response:
        """Asks the hub, as an admin can, to start somebody else's server."""
        return self._post_api(f"/users/{name}/server", {})

    def _post_api(self, path: str, body: dict[str, object]) -> httpx.Response:
        home = f"{self.hub.url}/hub/home"
        self.browser.request("GET", home)
        headers = {
            "X-XSRFToken": self.browser.cookies(home).get("_xsrf", ""),
            "Referer": home,
        }
        return self.browser.send_json(f"{self.hub.url}/hub/api{path}", body, headers)
