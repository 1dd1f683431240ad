"""What only a demo node has: accounts with passwords of its own, the built-in provider, demo data sets."""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import docker
import docker.errors

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError
from lifedesk_hub.login import DEMO_CLIENT_ID
from lifedesk_hub.node.nodejs import NODE
from lifedesk_hub.node.state import REPOSITORY, State, write_whole

DEMO_LOGIN = REPOSITORY / "extensions" / "demo-login"
_URN = "urn:geant:lifedesk.example:group:{}#demo.lifedesk.example"


@dataclass(frozen=True)
class Role:
    """A demo account, named by what its person does."""

    name: str
    full_name: tuple[str, str]
    groups: tuple[str, ...]
    description: str


ROLES = (
    Role("researcher", ("Rosalind", "Researcher"), ("imaging", "structural"), "analyses images and structures"),
    Role("researcher2", ("Ramón", "Researcher"), ("imaging",), "a colleague, in the imaging group only"),
    Role("trainer", ("Tuuli", "Trainer"), ("trainers",), "gives courses"),
    Role("facility", ("Farah", "Facility"), ("facility",), "runs a facility and its data"),
    Role("operator", ("Olu", "Operator"), ("operators",), "administers the hub"),
    Role("stranger", ("Sam", "Stranger"), (), "can log in at the provider, but belongs to no group of this node"),
)


@dataclass(frozen=True)
class Account:
    """What a person needs to log in to the demo."""

    name: str
    password: str
    groups: tuple[str, ...]


def accounts(state: State) -> tuple[Account, ...]:
    """The demo accounts of this node; their passwords are made at random once. Raises `NodeError`."""
    kept = state.secrets / "demo_accounts.json"
    try:
        return tuple(
            Account(item["name"], item["password"], tuple(item["groups"])) for item in json.loads(kept.read_text())
        )
    except FileNotFoundError:
        made = tuple(Account(role.name, f"{role.name}-{secrets.token_hex(4)}", role.groups) for role in ROLES)
        write_whole(kept, json.dumps([asdict(account) for account in made], indent=2) + "\n")
        return made
    except (OSError, ValueError, TypeError, KeyError) as error:
        what = f"The demo accounts in {kept} cannot be read ({type(error).__name__})."
        raise NodeError(
            f"{what} Put them back from a backup; or remove them and {state.demo_login}, for new passwords."
        ) from error


def prepare_provider(state: State, deployment: Deployment) -> Path:
    """Write the provider's accounts (if there are none) and settings; the path of the settings."""
    folder = state.demo_login
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts_file = folder / "accounts.json"
    if not accounts_file.exists():
        _create_accounts(accounts(state), accounts_file)
    settings = {
        "issuer": deployment.demo_issuer,
        "port": int(str(deployment.demo_issuer).rsplit(":", 1)[1]),
        "data_dir": str(folder / "data"),
        "accounts_file": str(accounts_file),
        "password_note": "Their passwords are those that ./lifedesk status prints.",
        "clients": [
            {
                "client_id": DEMO_CLIENT_ID,
                "client_secret_file": str(deployment.secrets / "demo_client_secret"),
                "redirect_uris": [f"{deployment.url}/hub/oauth_callback"],
                "post_logout_redirect_uris": [f"{deployment.url}/hub/login", f"{deployment.url}/hub/logout"],
            }
        ],
    }
    write_whole(folder / "settings.json", json.dumps(settings, indent=2) + "\n")
    return folder / "settings.json"


def _create_accounts(people: tuple[Account, ...], accounts_file: Path) -> None:
    roles = {role.name: role for role in ROLES}
    plain = [_account(person, roles[person.name]) for person in people]
    command = [str(NODE), str(DEMO_LOGIN / "src" / "accounts.js"), "create", "--file", str(accounts_file)]
    done = subprocess.run(command, input=json.dumps(plain), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeError(f"The demo accounts could not be written: {done.stderr.strip()}")


def _account(person: Account, role: Role) -> dict[str, object]:
    given, family = role.full_name
    return {
        "name": person.name,
        "sub": hashlib.sha256(f"demo account {person.name}".encode()).hexdigest()[:40],
        "password": person.password,
        "description": role.description,
        "claims": {
            "name": f"{given} {family}",
            "given_name": given,
            "family_name": family,
            "email": f"{person.name}@lifedesk.example",
            "email_verified": True,
            "eduperson_entitlement": [_URN.format(group) for group in person.groups],
        },
    }


def prepare_data_sets(client: docker.DockerClient, images: Mapping[str, str], folder: Path) -> bool:
    """Make the demo data sets in `folder`, in a container of one of the node's images; False if they are there already.

    Raises `NodeError`.
    """
    image = images.get("imaging") or next(iter(images.values()), None)
    if image is None:
        what = "The demo data sets are made in an image of this repository, and the site uses none."
        raise NodeError(f"{what} Give archives.site a path, or switch it off with site: null.")
    stamp = folder.with_name(f"{folder.name}.made-by")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == image:
        return False
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        client.containers.run(
            image,
            ["python", "-m", "lifedesk_catalogue.demo_site", "/target"],
            volumes={str(folder): {"bind": "/target", "mode": "rw"}},
            user="0:0",
            network_mode="none",
            cap_drop=["ALL"],
            cap_add=["DAC_OVERRIDE"],
            security_opt=["no-new-privileges"],
            remove=True,
        )
    except docker.errors.DockerException as error:
        raise NodeError(f"The demo data sets could not be made in {folder}: {error}") from error
    stamp.write_text(image, encoding="utf-8")
    return True
