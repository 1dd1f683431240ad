"""The demo's identity provider as a process of its own, with people that a test can change."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lifedesk_hub.node.nodejs import NODE, install_packages
from lifedesk_hub.node.ports import free_port
from tests.support.processes import Process

DEMO_LOGIN = Path(__file__).parents[2] / "extensions" / "demo-login"
CLIENT_ID = "lifedesk-hub"
CLIENT_SECRET = "a secret that only these tests know"


def urn(group: str) -> str:
    """The group URN of the demo's groups."""
    return f"urn:geant:lifedesk.example:group:{group}#demo.lifedesk.example"


@dataclass(frozen=True)
class Person:
    """Somebody who can log in at the provider."""

    name: str
    groups: tuple[str, ...] = ()
    claims: dict[str, object] = field(default_factory=dict)

    @property
    def password(self) -> str:
        return f"{self.name}-password"

    @property
    def subject(self) -> str:
        return f"{self.name}-1a2b3c@demo.lifedesk.example"

    def account(self) -> dict[str, object]:
        """The entry in the list of accounts."""
        claims = {
            "name": self.name.title() + " Person",
            "eduperson_entitlement": [urn(group) for group in self.groups],
            **self.claims,
        }
        return {"name": self.name, "sub": self.subject, "password": self.password, "claims": claims}


class DemoProvider:
    """The provider, started with `start`; what it keeps is in `folder`."""

    def __init__(self, folder: Path, people: Sequence[Person], hub_url: str, **settings: object) -> None:
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        self._folder = folder
        self._process: Process | None = None
        folder.mkdir(parents=True)
        if not (DEMO_LOGIN / "node_modules" / "oidc-provider").is_dir():
            install_packages(DEMO_LOGIN, lambda text: None)
        self._write("secret", CLIENT_SECRET)
        client = {
            "client_id": CLIENT_ID,
            "client_secret_file": "secret",
            "redirect_uris": [f"{hub_url}/hub/oauth_callback"],
            "post_logout_redirect_uris": [f"{hub_url}/hub/login"],
        }
        base = {"issuer": self.issuer, "port": self.port, "data_dir": "data", "accounts_file": "accounts.json"}
        many = {"wrong_passwords": 100, "within_seconds": 60}
        self._write("settings.json", json.dumps({**base, "clients": [client], "login_attempts": many, **settings}))
        self._run(
            "accounts.js", "create", "--file", "accounts.json", text=json.dumps([one.account() for one in people])
        )

    def start(self) -> None:
        """Starts the provider and waits until it answers."""
        command = [str(NODE), str(DEMO_LOGIN / "src" / "main.js"), "--settings", "settings.json"]
        self._process = Process(command, self._folder, self._folder / "provider.log")
        self._process.until_answers(f"{self.issuer}/health")

    def stop(self) -> None:
        """Ends the provider; what it keeps stays."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    @property
    def log(self) -> str:
        """What the provider has written so far."""
        return (self._folder / "provider.log").read_text(errors="replace")

    def change(self, name: str, change: Callable[[dict[str, object]], None]) -> None:
        """Changes the claims of one person; counts from the provider's next answer on."""
        accounts = json.loads((self._folder / "accounts.json").read_text())
        change(next(account for account in accounts if account["name"] == name)["claims"])
        self._write("accounts.json", json.dumps(accounts))

    def set_groups(self, name: str, *groups: str) -> None:
        """Puts the person into these groups and no others."""
        self.change(name, lambda claims: claims.update(eduperson_entitlement=[urn(group) for group in groups]))

    def remove(self, name: str) -> None:
        """Deletes the account of one person."""
        accounts = json.loads((self._folder / "accounts.json").read_text())
        self._write("accounts.json", json.dumps([account for account in accounts if account["name"] != name]))

    def rotate_keys(self) -> None:
        """Lets the provider sign with a new key."""
        self._run("keys.js", "rotate", "--data-dir", "data")

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        command = [str(NODE), str(DEMO_LOGIN / "src" / program), *arguments]
        done = subprocess.run(command, cwd=self._folder, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def _write(self, name: str, text: str) -> None:
        new = self._folder / f".{name}.new"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        new.replace(self._folder / name)
