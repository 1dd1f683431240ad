"""The desktop over HTTP.

- `GET desktop/`: the page; `?app=SLUG&path=PATH` opens that program with what is at PATH in the home directory;
- `GET desktop/assets/…`: its parts, whose names change with their content;
- `GET desktop/stream`: the screen, a WebSocket that speaks RFB;
- `POST lifedesk/api/desktop` {width, height}: start the desktop if there is none → {clipboard: {into, out}};
- `PUT lifedesk/api/desktop/keyboard` {layout, variant};
- `POST lifedesk/api/apps/<slug>/open` {path}: start a program, with a file or folder of the home directory or null.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import httputil, web
from tornado.routing import PathMatches, Router, Rule

from lifedesk_lab import notices
from lifedesk_lab.apps.errors import AppsError, UnknownApp, UnusablePath
from lifedesk_lab.apps.handlers import SETTING as APPS
from lifedesk_lab.apps.installed import SLUG, find_app
from lifedesk_lab.apps.paths import path_in_home
from lifedesk_lab.desktop import opener, page
from lifedesk_lab.desktop.display import Display
from lifedesk_lab.desktop.errors import DesktopError, NoDesktop
from lifedesk_lab.desktop.programs import Programs
from lifedesk_lab.desktop.settings import RUN_DIR, Geometry, clipboard
from lifedesk_lab.notices import Notice

LOST = "The desktop ended unexpectedly. The programs that ran in it are closed, and it starts anew."
KILLED = (
    "It was ended from outside, most often because the session's memory was full. Close what you do not need, or start "
    "the session with more memory."
)
FAILED = "This is a fault of the display server; if it happens again, tell those who run this site."


def add_to(server: ServerApp) -> None:
    """Serve the desktop under the address of `server`. Nothing is started before somebody wants it."""
    display = Display(os.environ, on_lost=_tell_lost)
    programs = Programs(display, notices.post)
    open_doors: list[asyncio.Server] = []

    async def open_door() -> None:
        if not open_doors:
            open_doors.append(await opener.serve(RUN_DIR / "opener", lambda: server.web_app.settings[APPS], programs))

    display.on_start = open_door
    base, api = server.base_url, url_path_join(server.base_url, "lifedesk/api")
    parts = {"display": display, "programs": programs}
    server.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "desktop"), _AddSlash),
            (url_path_join(base, "desktop/"), _Page, parts),
            (url_path_join(base, "desktop/assets/(.*)"), page.Assets, {"path": str(page.ASSETS)}),
            Rule(PathMatches(url_path_join(base, "desktop/stream")), _Stream(server.web_app, display)),
            (url_path_join(api, "desktop"), _Desktop, parts),
            (url_path_join(api, "desktop/keyboard"), _Keyboard, parts),
            (url_path_join(api, f"apps/({SLUG})/open"), _Open, parts),
        ],
    )


def _tell_lost(was_killed: bool) -> None:
    notices.post(Notice(about="desktop", kind="error", summary=LOST, advice=KILLED if was_killed else FAILED))


class _Stream(Router):
    """Loads the handler of the screen when the first is asked for: what it needs is half as much as the server."""

    SUPPORTED_METHODS = ()  # the server asks each target for the methods it must guard; the handler guards its own

    def __init__(self, application: web.Application, display: Display) -> None:
        self._application = application
        self._display = display

    def find_handler(
        self, request: httputil.HTTPServerRequest, **parameters: object
    ) -> httputil.HTTPMessageDelegate | None:
        from lifedesk_lab.desktop.stream import StreamHandler

        return self._application.get_handler_delegate(request, StreamHandler, {"display": self._display})


class _AddSlash(JupyterHandler):
    @web.authenticated
    async def get(self) -> None:
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.base_url}desktop/{query}")


class _Page(JupyterHandler):
    def initialize(self, display: Display, programs: Programs) -> None:
        self.display = display

    @property
    def content_security_policy(self) -> str:
        return page.CONTENT_SECURITY_POLICY

    @web.authenticated
    async def get(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        hub_home = url_path_join(os.environ.get("JUPYTERHUB_BASE_URL", "/"), "hub/home")
        self.finish(page.html(self.base_url, hub_home, self.xsrf_token.decode(), clipboard(os.environ)))


class _ApiHandler(APIHandler):
    def initialize(self, display: Display, programs: Programs) -> None:
        self.display, self.programs = display, programs

    def body(self) -> dict[str, object]:
        """The request's JSON object; an error in a sentence for anything else."""
        given = self.get_json_body()
        if not isinstance(given, dict):
            raise web.HTTPError(400, "Send a JSON object.")
        return given

    def refuse(self, error: Exception) -> None:
        """Answer with the error's own sentence; the statuses are those of `_STATUS`."""
        status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
        missing = isinstance(error, UnusablePath) and error.is_missing
        self.set_status(404 if missing else status)
        self.finish(json.dumps({"message": str(error)}))


_STATUS = {UnknownApp: 404, UnusablePath: 400, NoDesktop: 409, DesktopError: 500, ValueError: 400}


class _Desktop(_ApiHandler):
    @web.authenticated
    async def post(self) -> None:
        given = self.body()
        width, height = given.get("width", 1920), given.get("height", 1080)
        if not isinstance(width, int) or not isinstance(height, int):
            raise web.HTTPError(400, "width and height are whole numbers of pixels.")
        try:
            await self.display.start(Geometry(width, height))
        except DesktopError as error:
            self.refuse(error)
        else:
            self.finish(json.dumps({"clipboard": asdict(clipboard(os.environ))}))


class _Keyboard(_ApiHandler):
    @web.authenticated
    async def put(self) -> None:
        given = self.body()
        try:
            await self.display.set_keyboard(str(given.get("layout", "")), str(given.get("variant", "")))
        except (ValueError, DesktopError) as error:
            self.refuse(error)
        else:
            self.set_status(204)
            self.finish()


class _Open(_ApiHandler):
    @web.authenticated
    async def post(self, slug: str) -> None:
        path = self.body().get("path")
        if path is not None and not isinstance(path, str):
            raise web.HTTPError(400, "path is relative to the home directory, or null.")
        try:
            app = find_app(self.settings[APPS], slug)
            target = None if path is None else path_in_home(Path(self.settings["server_root_dir"]).expanduser(), path)
            await self.programs.open(app, target)
        except (AppsError, DesktopError) as error:
            self.refuse(error)
        else:
            self.finish(json.dumps({"slug": slug, "path": path}))
