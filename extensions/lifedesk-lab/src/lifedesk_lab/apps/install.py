"""Installing an image's programs while it is built."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lifedesk_lab.apps import freedesktop
from lifedesk_lab.apps.document import invalid, read_apps
from lifedesk_lab.apps.icons import find_icon
from lifedesk_lab.apps.installed import APPS_DIR, InstalledApp, installed_apps
from lifedesk_lab.apps.model import App
from lifedesk_lab.apps.versions import installed_version


@dataclass(frozen=True)
class Places:
    """Where things go; `share` is what the freedesktop specifications call a data directory."""

    apps: Path = APPS_DIR
    share: Path = Path("/usr/share")


def install(name: str, folder: Path, places: Places | None = None) -> list[InstalledApp]:
    """Install the programs of `folder`/apps.yaml as those of the image `name`; a second time replaces the first.

    Raises `InvalidAppsFile` with all faults: of the file, missing programs, packages and icons.
    """
    into = places or Places()
    file = folder / "apps.yaml"
    apps = read_apps(file)
    if faults := [f"{app.slug}: {fault}" for app in apps for fault in _faults(app, folder, into)]:
        raise invalid(file, faults)
    written = [_installed(app, folder, into) for app in apps]
    target = into.apps / f"{name}.json"
    others = [other for other in into.apps.glob("*.json") if other != target]
    content = {"image": name, "position": len(others), "apps": [asdict(app) for app in written]}
    target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _tell_desktops(installed_apps(into.apps), into.share)
    return written


def _faults(app: App, folder: Path, places: Places) -> Iterator[str]:
    if not shutil.which(app.command[0]):
        yield f"the program {app.command[0]!r} is not in this image"
    try:
        installed_version(app.package)
    except LookupError as error:
        yield str(error)
    try:
        find_icon(app.icon, folder, places.share)
    except LookupError as error:
        yield str(error)


def _installed(app: App, folder: Path, places: Places) -> InstalledApp:
    source = find_icon(app.icon, folder, places.share)
    icon = places.apps / "icons" / f"{app.slug}{source.suffix}"
    icon.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, icon)
    told = app.model_dump(exclude={"package", "icon"})
    return InstalledApp(**told, icon=str(icon), version=installed_version(app.package))


def _tell_desktops(apps: Sequence[InstalledApp], share: Path) -> None:
    """Write menu entries, file types and actions of all `apps`, and have the caches made anew by what makes them."""
    applications, mime, actions = share / "applications", share / "mime", share / "file-manager" / "actions"
    for folder in (applications, mime / "packages", actions):
        folder.mkdir(parents=True, exist_ok=True)
    for app in apps:
        (applications / freedesktop.entry_name(app)).write_text(freedesktop.desktop_entry(app), encoding="utf-8")
        if action := freedesktop.folder_action(app):
            (actions / freedesktop.action_name(app)).write_text(action, encoding="utf-8")
    (applications / "mimeapps.list").write_text(freedesktop.default_programs(apps), encoding="utf-8")
    globs = mime / "globs2"
    known = globs.read_text(encoding="utf-8") if globs.exists() else ""
    (mime / "packages" / "lifedesk.xml").write_text(freedesktop.mime_package(apps, known), encoding="utf-8")
    for program, target in (("update-mime-database", mime), ("update-desktop-database", applications)):
        if shutil.which(program):
            subprocess.run([program, str(target)], check=True)
