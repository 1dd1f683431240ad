"""Configuration of the hub that the page tests run: its pages are ours, login and sessions are small stand-ins.

Sessions are real processes behind the real proxy. A file `NAME.hold-STAGE` in the folder of gates holds the start of
NAME's session in that stage for as long as it is there; `NAME.fail-STAGE` ends it with the sentence in the file.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.spawner import SimpleLocalProcessSpawner, SpawnException

from lifedesk_hub.engines.stages import Stage, StageLog
from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.login import operator_role
from lifedesk_hub.login.names import display_name, username_for
from lifedesk_hub.offer import start_choices
from lifedesk_hub.pages import pages_config, render_start_form
from lifedesk_hub.profiles import decide, options_from_form
from lifedesk_hub.singleuser import DEFAULT_URLS
from lifedesk_hub.site import Site
from lifedesk_hub.stock import Gpus, ImageVersion, Stock, image_to_start

GATES = "LIFEDESK_TEST_GATES"
PROVIDER = "tests"
EVERYBODY: frozenset[str] = frozenset()

SITE = Site.model_validate(
    {
        "name": "Institute of Cell Biology",
        "contact": "the helpdesk (helpdesk@cells.example)",
        "login": {"provider": "demo"},
        "groups": [{"name": name, "claim_values": [name]} for name in ("members", "operators")],
        "admin_groups": ["operators"],
        "sizes": [
            {"slug": "small", "display_name": "Small", "cpu_limit": 1, "mem_limit": "2G"},
            {"slug": "medium", "display_name": "Medium", "cpu_limit": 2, "mem_limit": "4G"},
            {"slug": "large", "display_name": "Large", "cpu_limit": 8, "mem_limit": "32G"},
        ],
        "profiles": [
            {
                "slug": "notebook",
                "display_name": "Notebook",
                "description": "JupyterLab with the data catalogue, quick to start",
                "image": "base",
                "sizes": ["small", "medium"],
            },
            {
                "slug": "imaging",
                "display_name": "Imaging",
                "description": "napari, OME-Zarr, scikit-image and dask for microscopy and bioimage analysis",
                "image": "imaging",
                "sizes": ["medium", "large"],
                "interfaces": ["lab", "desktop"],
                "earlier_versions": True,
            },
            {
                "slug": "structural",
                "display_name": "Structural biology",
                "description": "Gemmi, Mol* and mrcfile for structures, maps and tomograms",
                "image": "structural",
                "sizes": ["small", "medium", "large"],
            },
            {
                "slug": "training",
                "display_name": "Training",
                "description": "Networks learn to find cells, on a graphics processor",
                "image": "imaging",
                "sizes": ["large"],
                "interfaces": ["lab", "desktop"],
                "gpus": 1,
            },
            {
                "slug": "medical",
                "display_name": "Medical imaging",
                "description": "SimpleITK, pydicom and highdicom for DICOM series",
                "image": "medical",
                "sizes": ["medium"],
                "interfaces": ["desktop"],
            },
            {
                "slug": "folding",
                "display_name": "Folding",
                "description": "Structures predicted from sequences",
                "image": "structural",
                "sizes": ["large"],
                "gpus": 4,
            },
        ],
    }
)
IMAGES = {name: f"lifedesk/{name}:0123456789ab" for name in ("base", "imaging", "structural", "medical")}
STOCK = Stock(
    versions={
        name: (
            ImageVersion("0123456789ab", reference, datetime(2026, 11, 12, tzinfo=UTC), "0.3.0"),
            ImageVersion("3f2a91c07b44", f"lifedesk/{name}:3f2a91c07b44", datetime(2026, 9, 3, tzinfo=UTC), "0.2.0"),
        )
        for name, reference in IMAGES.items()
        if name != "medical"
    },
    gpus=Gpus(total=2, free=1),
    being_made=frozenset({"medical"}),
)


class ProviderPage(BaseHandler):
    """Stands for the identity provider: whoever comes here is logged in under the name in the address."""

    async def get(self) -> None:
        user = await self.login_user({"person": self.get_argument("person", "rosalind franklin")})
        self.redirect(self.get_next_url(user))


class LoggedOutPage(BaseHandler):
    """The page after logging out, which JupyterHub shows only for some authenticators."""

    async def get(self) -> None:
        self.finish(await self.render_template("logout.html"))


class NamedPeople(Authenticator):
    """Everybody may log in; people have names, and the hub knows them under a hash."""

    auto_login = False
    manage_groups = True
    login_service = "Example Login"

    def login_url(self, base_url: str) -> str:
        return f"{base_url.rstrip('/')}/provider"

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:
        return [("/provider", ProviderPage), ("/logged-out", LoggedOutPage)]

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> dict[str, Any]:
        person = data["person"]
        return {
            "name": username_for(PROVIDER, person),
            "groups": ["operators"] if person.startswith("operator") else ["members"],
            "user_info": {"display_name": person.title()},
        }


class GatedSpawner(SimpleLocalProcessSpawner):
    """Starts a small web server in place of JupyterLab, in the stages of a real start."""

    _stages: StageLog | None = None

    async def start(self) -> Any:
        self._stages = stages = StageLog()
        try:
            for stage in (Stage.IMAGE, Stage.CONTAINER, Stage.SERVER):
                stages.enter(stage)
                await self._pass_gate(stage)
            address = await super().start()
            last = Stage.DESKTOP if self.default_url == DEFAULT_URLS["desktop"] else Stage.LAB
            stages.enter(last)
            await self._pass_gate(last)
            return address
        finally:
            stages.close()

    async def stop(self, now: bool = False) -> None:
        await self._pass_gate("stop")
        await super().stop(now)

    async def progress(self) -> AsyncIterator[dict[str, object]]:
        if self._stages is not None:
            async for event in self._stages.follow():
                yield event

    async def _pass_gate(self, stage: str) -> None:
        person = display_name(self.user).lower()
        gates = Path(os.environ[GATES])
        failure = gates / f"{person}.fail-{stage}"
        if failure.exists():
            raise SpawnException(failure.read_text(), reason="engine", log_message="dial unix: secret place")
        while (gates / f"{person}.hold-{stage}").exists():
            await asyncio.sleep(0.02)


def options_form(spawner: GatedSpawner) -> str:
    """The start form, as the hub's own configuration fills it."""
    return render_start_form(start_choices(SITE, EVERYBODY, spawner.orm_spawner.user_options, IMAGES, STOCK))


def apply_user_options(spawner: GatedSpawner, options: dict[str, object]) -> None:
    """Judge what was asked for, as the hub's own configuration does."""
    try:
        choice = decide(SITE, EVERYBODY, options)
        image_to_start(choice, IMAGES, STOCK)
    except ChoiceRefused as refused:
        raise SpawnException(str(refused), reason=refused.reason, status_code=403) from refused
    spawner.user_options = choice.options
    spawner.default_url = DEFAULT_URLS[choice.interface]


def configure(c: Any, folder: Path, proxy: list[str], ports: tuple[int, int, int]) -> None:
    """Fill the configuration of a hub that keeps everything in `folder`."""
    c.merge(pages_config(SITE))
    public, api, hub = ports
    c.JupyterHub.bind_url = f"http://127.0.0.1:{public}"
    c.JupyterHub.hub_port = hub
    c.JupyterHub.db_url = f"sqlite:///{folder / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
    c.JupyterHub.services = [
        {
            "name": "viewer",
            "api_token": "a-token-of-the-tests",
            "oauth_client_id": "service-viewer",
            "oauth_redirect_uri": "http://127.0.0.1:1/callback",
        }
    ]
    c.JupyterHub.load_roles = [
        operator_role(SITE),
        {"name": "user", "scopes": ["self", "access:services!service=viewer"]},
    ]
    c.JupyterHub.authenticator_class = NamedPeople
    c.JupyterHub.spawner_class = GatedSpawner
    # Long enough for a refusal to come at once on a busy machine; the hub itself waits a second at most.
    c.JupyterHub.tornado_settings["slow_spawn_timeout"] = 0.9
    c.ConfigurableHTTPProxy.command = proxy
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{api}"
    c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")
    c.ConfigurableHTTPProxy.check_running_interval = 3
    c.Authenticator.allow_all = True
    c.GatedSpawner.cmd = [sys.executable, str(Path(__file__).with_name("pages_session.py"))]
    c.GatedSpawner.home_dir_template = str(folder / "homes" / "{username}")
    c.GatedSpawner.options_form = options_form
    c.GatedSpawner.options_from_form = options_from_form
    c.GatedSpawner.apply_user_options = apply_user_options
