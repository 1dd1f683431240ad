"""The page "What is in here" and the file it comes from.

- `GET lifedesk/software/`: the page; `?q=words` searches, `?all=1` lists also what the chosen packages need;
- `GET lifedesk/software/sbom.cdx.json`: the bill of materials, for download.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

from lifedesk_lab.apps.handlers import SETTING as APPS
from lifedesk_lab.apps.installed import InstalledApp
from lifedesk_lab.software import bill

IMAGE_VARIABLE = "JUPYTER_IMAGE_SPEC"
"""Set by DockerSpawner: the image's name and tag as it was started."""
FILE = "lifedesk_bill"
"""Where the server's settings name the file."""
_KINDS = {
    "python": "Python packages",
    "debian": "Debian packages",
    "browser": "In the browser: JupyterLab and the desktop's page",
    "other": "Other parts",
}
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'self'"


@dataclass(frozen=True)
class _Section:
    kind: str
    title: str
    shown: list[bill.Package]
    chosen_count: int
    all_count: int


def page(found: bill.Bill, apps: list[InstalledApp], image: str, query: str, with_all: bool, base_url: str) -> str:
    """The page as HTML; `image` is the name and tag it was started under, if that is known."""
    words = query.split()
    sections = []
    for kind, title in _KINDS.items():
        packages = found.of_kind(kind)
        chosen = [package for package in packages if package.is_chosen]
        shown = bill.matching(packages if with_all or words else chosen, words)
        if packages:
            sections.append(_Section(kind, title, shown, len(chosen), len(packages)))
    shown_apps = [app for app in apps if all(word.lower() in _searched(app) for word in words)]
    return _template().render(
        bill=found,
        image=image,
        query=query,
        with_all=with_all,
        sections=sections,
        apps=shown_apps,
        count=len(shown_apps) + sum(len(section.shown) for section in sections),
        base_url=base_url,
        cite=_citation,
    )


def _searched(app: InstalledApp) -> str:
    return f"{app.title} {app.description} {app.licence}".lower()


def _citation(citation: str) -> str:
    return f"https://doi.org/{citation}" if citation.startswith("10.") else citation


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        "software.html"
    )


class _Page(JupyterHandler):
    @property
    def content_security_policy(self) -> str:
        return _POLICY

    @web.authenticated
    async def get(self) -> None:
        found = bill.read_bill(self.settings[FILE])
        image = os.environ.get(IMAGE_VARIABLE, "")
        query, with_all = self.get_argument("q", ""), self.get_argument("all", "") == "1"
        self.finish(page(found, self.settings[APPS], image, query, with_all, self.base_url))


class _Style(JupyterHandler):
    @web.authenticated
    async def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish((Path(__file__).parent / "templates/software.css").read_bytes())


class _File(JupyterHandler):
    @web.authenticated
    async def get(self) -> None:
        file = self.settings[FILE]
        if not file.is_file():
            raise web.HTTPError(404, "This image has no list of its software.")
        self.set_header("Content-Type", "application/vnd.cyclonedx+json; version=1.6")
        self.set_header("Content-Disposition", f'attachment; filename="{file.name}"')
        self.finish(file.read_bytes())


def add_to(server: ServerApp) -> None:
    """Serve the page of this image under the address of `server`."""
    at = url_path_join(server.base_url, "lifedesk/software")
    server.web_app.settings[FILE] = bill.FILE
    server.web_app.add_handlers(
        ".*$",
        [
            (f"{at}/", _Page),
            (f"{at}/software.css", _Style),
            (f"{at}/sbom.cdx.json", _File),
            (at, web.RedirectHandler, {"url": f"{at}/"}),
        ],
    )
