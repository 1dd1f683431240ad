"""The programs of a session over HTTP.

- `GET lifedesk/api/apps`: in the order to offer them, [{slug, title, description, icon, opens, version, licence,
  citation, homepage}]; `icon` is an address on this server;
- `GET lifedesk/api/apps/<slug>/icon`: the picture, SVG or PNG.
"""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

from lifedesk_lab.apps.errors import UnknownApp
from lifedesk_lab.apps.installed import SLUG, InstalledApp, find_app, installed_apps

SETTING = "lifedesk_apps"
"""Where the server's settings hold the programs."""
_MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def add_to(server: ServerApp) -> None:
    """Serve the programs of this image under the address of `server`; they are read once, the image is read-only."""
    at = url_path_join(server.base_url, "lifedesk/api/apps")
    server.web_app.settings[SETTING] = installed_apps()
    server.web_app.add_handlers(".*$", [(at, _Apps), (f"{at}/({SLUG})/icon", _Icon)])


def described(app: InstalledApp, base_url: str) -> dict[str, object]:
    """What a page is told about `app`; `icon` is an address on this server."""
    return {
        "slug": app.slug,
        "title": app.title,
        "description": app.description,
        "icon": url_path_join(base_url, "lifedesk/api/apps", app.slug, "icon"),
        "opens": list(app.opens),
        "version": app.version,
        "licence": app.licence,
        "citation": app.citation,
        "homepage": app.homepage,
    }


class _Apps(APIHandler):
    @web.authenticated
    async def get(self) -> None:
        self.finish(json.dumps([described(app, self.base_url) for app in self.settings[SETTING]]))


class _Icon(JupyterHandler):
    @web.authenticated
    async def get(self, slug: str) -> None:
        try:
            icon = Path(find_app(self.settings[SETTING], slug).icon)
        except UnknownApp as error:
            raise web.HTTPError(404, str(error)) from error
        self.set_header("Content-Type", _MEDIA_TYPES[icon.suffix])
        # A picture that is opened by its address must stay a picture.
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        self.set_header("Cache-Control", "private, max-age=86400")
        self.finish(icon.read_bytes())
