"""The installed programs, as a session reads them: `/opt/lifedesk/apps/*.json`, one file per image of the line.

This module needs the standard library only: it is loaded when a session starts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lifedesk_lab.apps.errors import UnknownApp

APPS_DIR = Path("/opt/lifedesk/apps")
PATH_MARK = "{path}"
SLUG = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*"


@dataclass(frozen=True)
class InstalledApp:
    """A program that can be started in the desktop; `icon` is an SVG or PNG file of the image."""

    slug: str
    title: str
    description: str
    command: tuple[str, ...]
    icon: str
    opens: tuple[str, ...]
    version: str
    licence: str
    citation: str | None
    homepage: str

    def argv(self, path: str | None) -> list[str]:
        """The command to run: with `path` in the place of its mark, without the marked argument for no path."""
        if path is None:
            return [argument for argument in self.command if PATH_MARK not in argument]
        return [argument.replace(PATH_MARK, path) for argument in self.command]

    def matched_glob(self, path: str, is_folder: bool) -> str | None:
        """The longest of the globs in `opens` that the name at the end of `path` matches, in upper or lower case."""
        name = path.rstrip("/").rpartition("/")[2].lower()
        globs = [
            glob
            for glob in self.opens
            if glob.endswith("/") == is_folder and fnmatchcase(name, glob.rstrip("/").lower())
        ]
        return max(globs, key=len, default=None)


def installed_apps(folder: Path = APPS_DIR) -> list[InstalledApp]:
    """The programs of the image: its own first, then those of the image it is built on; none without a folder."""
    read = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")]
    files = sorted(read, key=lambda content: int(content["position"]), reverse=True)
    return [_parse(entry) for content in files for entry in content["apps"]]


def find_app(apps: Iterable[InstalledApp], slug: str) -> InstalledApp:
    """The program called `slug`. Raises `UnknownApp`, which lists what there is."""
    known = list(apps)
    for app in known:
        if app.slug == slug:
            return app
    there = f"There are: {', '.join(app.slug for app in known)}." if known else "It has no programs with windows."
    raise UnknownApp(f"This environment has no program {slug!r}. {there}")


def matching(apps: Sequence[InstalledApp], path: str, is_folder: bool) -> list[InstalledApp]:
    """The programs that open what is at `path`, the best first: the longest glob wins, then the order of `apps`."""
    found = [(app, glob) for app in apps if (glob := app.matched_glob(path, is_folder))]
    return [app for app, _ in sorted(found, key=lambda pair: -len(pair[1]))]


def _parse(entry: dict[str, Any]) -> InstalledApp:
    return InstalledApp(**{**entry, "command": tuple(entry["command"]), "opens": tuple(entry["opens"])})
