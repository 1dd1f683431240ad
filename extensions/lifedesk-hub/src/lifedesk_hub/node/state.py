"""The folder in which a node keeps everything it remembers, and the hub's configuration read from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import SecretStr, ValidationError
from traitlets.config import Config

from lifedesk_hub.config import HubSecrets, hub_config
from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError
from lifedesk_hub.secret import kept_secret, read_secret, read_secret_file
from lifedesk_hub.site import Site, load_site

REPOSITORY = Path(__file__).resolve().parents[5]
STATE_VARIABLE = "LIFEDESK_STATE"


@dataclass(frozen=True)
class State:
    """The paths below a state folder."""

    root: Path

    @property
    def deployment_file(self) -> Path:
        return self.root / "deployment.json"

    @property
    def site_pointer(self) -> Path:
        """Names the site file that this node runs."""
        return self.root / "site-file"

    @property
    def applied_site(self) -> Path:
        """The site as it was last applied: what the operator edits meanwhile waits for the next `up`."""
        return self.root / "site.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def hub_database(self) -> Path:
        """The hub's database; `lifedesk_hub.config` names it too."""
        return self.root / "hub" / "jupyterhub.sqlite"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def demo_login(self) -> Path:
        return self.root / "demo-login"

    @property
    def front(self) -> Path:
        """The front web server's own folder."""
        return self.root / "front"

    @property
    def assets(self) -> Path:
        """JupyterLab's own files, taken out of the images."""
        return self.root / "assets"

    @property
    def supervisor_socket(self) -> Path:
        return self.root / "supervisor.sock"

    @property
    def supervisor_pid(self) -> Path:
        """Holds supervisord's process id from its start to its very end."""
        return self.root / "supervisor.pid"

    @property
    def supervisor_conf(self) -> Path:
        return self.root / "supervisor.conf"

    def deployment(self) -> Deployment | None:
        """What was decided when the node was first started; None if it never was. Raises `NodeError`."""
        try:
            return Deployment.model_validate_json(self.deployment_file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            what = f"{self.deployment_file} cannot be read ({type(error).__name__})."
            raise NodeError(f"{what} Put it back from a backup, or choose another folder with --state.") from error

    def site_file(self) -> Path | None:
        """The site file that this node runs; None if it was never started. Raises `NodeError`."""
        try:
            return Path(self.site_pointer.read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            what = f"{self.site_pointer} cannot be read ({type(error).__name__})."
            raise NodeError(f"{what} Name the node's site file with ./lifedesk up --site FILE") from error

    def site(self) -> Site:
        """The site as it was last applied. Raises `NodeError`."""
        try:
            return Site.model_validate_json(self.applied_site.read_bytes())
        except (OSError, ValidationError) as error:
            what = f"{self.applied_site} cannot be read ({type(error).__name__})."
            raise NodeError(f"{what} Run ./lifedesk up, which writes it anew from the site file.") from error

    def keep(self, deployment: Deployment, site_file: Path, site: Site) -> None:
        """Write down what was decided. Raises `OSError`."""
        write_whole(self.deployment_file, deployment.model_dump_json(indent=2) + "\n")
        write_whole(self.applied_site, site.model_dump_json(indent=2, by_alias=True) + "\n")
        write_whole(self.site_pointer, f"{site_file.resolve()}\n")


def default_state_folder() -> Path:
    """`lifedesk` below the XDG state directory."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "lifedesk"


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that no reader ever sees a part of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def added_images(site_file: Path) -> Path:
    """Where the recipes of the images are that a site adds to ours; there need be no such folder."""
    return site_file.resolve().parent / "environments"


@cache
def known_images(added: Path | None = None) -> dict[str, list[str]]:
    """The images that can be built, each with those of ours it stands on: the repository's, and a site's `added`.

    Raises `NodeError`.
    """
    command = [sys.executable, str(REPOSITORY / "images" / "build.py"), "ancestors", "--json"]
    command += ["--environments", str(added)] if added else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NodeError(f"The images cannot be told from their recipes: {done.stderr.strip()}")
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def read_site(path: Path) -> Site:
    """The site in `path`. Raises `SiteFileError`, and `NodeError` if the repository's images are in disorder."""
    return load_site(path, known_images(added_images(path)))


def keep_client_secret(site: Site, state: State) -> None:
    """Put the provider's client secret where the hub reads it, whatever the operator's environment is then.

    Raises `SecretError`.
    """
    reference = site.login.client_secret
    if reference is not None:
        write_whole(state.secrets / "client_secret", read_secret(reference).get_secret_value() + "\n")


def hub_secrets(site: Site, state: State) -> HubSecrets:
    """The hub's secrets: the node's own are made on first use. Raises `SecretError`."""
    own = state.secrets
    is_demo = site.login.client_secret is None
    return HubSecrets(
        client_secret=kept_secret(own / "demo_client_secret") if is_demo else read_secret_file(own / "client_secret"),
        proxy_token=kept_secret(own / "proxy_token"),
        crypt_key=kept_secret(own / "crypt_key"),
        command_token=kept_secret(own / "command_token"),
    )


def shown_secrets() -> HubSecrets:
    """Stand-ins, for a configuration that is only printed."""
    stand_in = SecretStr("0" * 64)
    return HubSecrets(stand_in, stand_in, stand_in, stand_in)


def hub_configuration() -> Config:
    """Configuration of the hub whose state folder the environment names."""
    state = State(Path(os.environ[STATE_VARIABLE]))
    deployment = state.deployment()
    if deployment is None:
        raise NodeError(f"No node has been started in {state.root} yet: run ./lifedesk up")
    site = state.site()
    return hub_config(site, deployment, hub_secrets(site, state))
