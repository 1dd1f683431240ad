"""The site as configuration of JupyterHub.

`hub_config` is pure: no file, no network, no environment. The hooks it installs are closures over frozen values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from pydantic import BaseModel, SecretStr
from traitlets.config import Config

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.engines.docker import docker_config, mounts_of, spawner_settings
from lifedesk_hub.engines.docker_spawner import SessionSpawner
from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.homes import Homes
from lifedesk_hub.login import COOKIE_OPTIONS, login_config, operator_role
from lifedesk_hub.mounts import home_volume, volumes_for
from lifedesk_hub.offer import start_choices
from lifedesk_hub.pages import page_settings, pages_config, render_start_form
from lifedesk_hub.profiles import Choice, clipboard_directions, decide, options_from_form
from lifedesk_hub.singleuser import ARCHIVES_VARIABLE, CLIPBOARD_VARIABLE, GPU_VARIABLES, SITE_ARCHIVE
from lifedesk_hub.site import Site
from lifedesk_hub.stock import image_of, image_to_start, needs_stock

COMMAND_SERVICE = "lifedesk-command"
"""Name of the hub service that stands for the `lifedesk` command on the node."""
ROUTES_CHECK_SECONDS = 5


@dataclass(frozen=True)
class HubSecrets:
    """Everything secret that the hub is started with."""

    client_secret: SecretStr
    proxy_token: SecretStr
    crypt_key: SecretStr
    command_token: SecretStr


def hub_config(site: Site, deployment: Deployment, secrets: HubSecrets) -> Config:
    """The complete configuration of the hub for that site on that deployment."""
    config = Config()
    for section in (
        pages_config(site, deployment.first_files),
        _hub_section(site, deployment, secrets),
        _spawner_section(site, deployment),
        login_config(site, deployment, secrets.client_secret),
        _access_section(site, deployment),
        Config(site.hub_override),
    ):
        config.merge(section)
    return config


def _hub_section(site: Site, deployment: Deployment, secrets: HubSecrets) -> Config:
    hub = deployment.state / "hub"
    c = Config()
    c.JupyterHub.bind_url = deployment.proxy_bind_url
    c.JupyterHub.hub_bind_url = deployment.hub_url
    c.JupyterHub.hub_connect_url = deployment.hub_url
    c.JupyterHub.db_url = f"sqlite:///{hub / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(deployment.secrets / "cookie_secret")
    c.JupyterHub.pid_file = ""
    # The proxy is a process of its own and sessions are containers: neither ends when the hub does.
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    # A proxy that was started again knows no session; the hub looks for missing routes as it asks for activity.
    c.JupyterHub.last_activity_interval = ROUTES_CHECK_SECONDS
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = deployment.proxy_api_url
    c.ConfigurableHTTPProxy.auth_token = secrets.proxy_token.get_secret_value()
    c.CryptKeeper.keys = [bytes.fromhex(secrets.crypt_key.get_secret_value())]
    c.JupyterHub.active_server_limit = site.limits.active_servers or 0
    c.JupyterHub.concurrent_spawn_limit = site.limits.concurrent_spawns
    c.JupyterHub.services = [{"name": COMMAND_SERVICE, "api_token": secrets.command_token.get_secret_value()}]
    c.JupyterHub.load_roles = [
        operator_role(site),
        {
            "name": "node-status",
            "description": "See which sessions run, for `lifedesk status`",
            "scopes": ["list:users", "read:users", "read:servers"],
            "services": [COMMAND_SERVICE],
        },
    ]
    # What is refused at once is answered at once; everything else is shown as it goes on, stage by stage.
    c.JupyterHub.tornado_settings = {**page_settings(), "cookie_options": COOKIE_OPTIONS, "slow_spawn_timeout": 0.25}
    return c


def _spawner_section(site: Site, deployment: Deployment) -> Config:
    homes = Homes(deployment.state / "removals")
    grace_seconds = site.limits.home_deletion_grace_days * 86400

    async def apply_user_options(spawner: SessionSpawner, options: Mapping[str, object]) -> None:
        groups = _groups(spawner)
        images = deployment.images
        try:
            choice = decide(site, groups, options)
            if needs_stock(choice):
                image = image_to_start(choice, images, await spawner.stock())
            else:
                image = image_of(choice.profile, images)
        except ChoiceRefused as refused:
            raise SpawnException(str(refused), reason=refused.reason, status_code=403) from refused
        volumes = volumes_for(site, deployment, spawner.user.name, groups)
        for trait, value in spawner_settings(choice, image, volumes, session_environment(site, choice)).items():
            setattr(spawner, trait, value)
        spawner.user_options = choice.options
        homes.keep(home_volume(deployment, spawner.user.name))

    def on_delete_forever(spawner: SessionSpawner) -> None:
        homes.remove_later(home_volume(deployment, spawner.user.name), grace_seconds)

    c = Config()
    c.JupyterHub.spawner_class = SessionSpawner
    for trait, value in docker_config(deployment, site.limits).items():
        c.SessionSpawner[trait] = value
    c.SessionSpawner.contact = site.contact
    c.SessionSpawner.environment = {ARCHIVES_VARIABLE: json.dumps(session_archives(site, deployment))}
    c.SessionSpawner.options_form = _options_form(site, deployment)
    c.SessionSpawner.options_from_form = options_from_form
    c.SessionSpawner.apply_user_options = apply_user_options
    c.SessionSpawner.on_delete_forever = on_delete_forever
    return c


def _access_section(site: Site, deployment: Deployment) -> Config:
    def is_session_allowed(spawner: SessionSpawner) -> bool:
        groups = _groups(spawner)
        try:
            decide(site, groups, spawner.user_options)
        except ChoiceRefused:
            return False
        volumes = volumes_for(site, deployment, spawner.user.name, groups)
        allowed = mounts_of(volumes)
        return all(mount in allowed for mount in spawner.mounts)

    c = Config()
    c.LifedeskAuthenticator.is_session_allowed = is_session_allowed
    return c


def session_archives(site: Site, deployment: Deployment) -> dict[str, dict[str, str]]:
    """Settings of the archives a session can search, as `lifedesk_catalogue` reads them."""
    archives: dict[str, dict[str, str]] = {}
    if site.archives.site is not None and deployment.site_archive is not None:
        archives["site"] = {"path": SITE_ARCHIVE}
    if (bioimages := site.archives.bioimage_archive) is not None:
        archives["bioimage-archive"] = {"base_url": bioimages.base_url, "collection": bioimages.collection}
    return archives


def session_environment(site: Site, choice: Choice) -> dict[str, str]:
    """Variables of a session that depend on what is started."""
    clipboard = {CLIPBOARD_VARIABLE: clipboard_directions(site, choice.profile)}
    return {**clipboard, **GPU_VARIABLES} if choice.profile.gpus else clipboard


def _options_form(site: Site, deployment: Deployment) -> Callable[[SessionSpawner], Awaitable[str]]:
    async def options_form(spawner: SessionSpawner) -> str:
        trouble, stock = "", None
        try:
            stock = await spawner.stock()
        except SpawnException as refused:
            trouble = str(refused.message)
        last = spawner.orm_spawner.user_options
        return render_start_form(start_choices(site, _groups(spawner), last, deployment.images, stock), trouble)

    return options_form


def _groups(spawner: Spawner) -> frozenset[str]:
    return frozenset(group.name for group in spawner.user.groups)


_SECRET = re.compile("secret|token|key|passw|credential", re.IGNORECASE)
_HARMLESS = re.compile("(_file|_path|_url)$", re.IGNORECASE)
_USER_INFO = re.compile("://[^/@\\s]+@")


def masked(config: Config) -> dict[str, Any]:
    """The configuration as plain values to print: secrets masked, functions and classes by name."""
    return {
        section: {trait: _plain(trait, value) for trait, value in traits.items()} for section, traits in config.items()
    }


def _plain(trait: str, value: object) -> object:
    if isinstance(value, SecretStr) or (_SECRET.search(trait) and not _HARMLESS.search(trait) and value):
        return value if isinstance(value, bool) else "********"
    if isinstance(value, str | Path):
        return _USER_INFO.sub("://********@", str(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain("", inner) for inner in value]
    if value is None or isinstance(value, int | float | bool):
        return value
    if isinstance(value, BaseModel):
        return _plain(trait, value.model_dump())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(field.name, getattr(value, field.name)) for field in fields(value)}
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__name__)}".strip(".")
