"""What desktops read: menu entries, file types and which program opens which.

https://specifications.freedesktop.org/desktop-entry-spec/latest/
https://specifications.freedesktop.org/shared-mime-info-spec/latest/
https://specifications.freedesktop.org/mime-apps-spec/latest/
http://www.nautilus-actions.org/?q=node/377 (DES-EMA: what file managers offer for some names only)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import quoteattr

from lifedesk_lab.apps.installed import InstalledApp

OPENER = "/opt/venv/bin/lifedesk-open"
CATEGORY = "X-Lifedesk"
_FOLDER = "inode/directory"  # the type of every folder: types know no folders' names
_WEIGHT = 80  # above the 50 of the types that come with the system: .mrc is a map here, not a library record


def entry_name(app: InstalledApp) -> str:
    """The name of the program's menu entry."""
    return f"lifedesk-{app.slug}.desktop"


def desktop_entry(app: InstalledApp) -> str:
    """The text of the program's menu entry, which starts it through `OPENER`; folders are left to `folder_action`."""
    types = sorted({file_type(glob) for glob in app.opens if not _is_folder(glob)})
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        f"Name={_value(app.title)}",
        f"Comment={_value(app.description)}",
        f"Exec={OPENER} {app.slug}{' %f' if app.opens else ''}",
        f"Icon={_value(app.icon)}",
        f"Categories={CATEGORY};",
        "Terminal=false",
        "StartupNotify=false",
    ]
    return "\n".join([*lines, *([f"MimeType={';'.join(types)};"] if types else []), ""])


def action_name(app: InstalledApp) -> str:
    """The name of the program's action; one equal to the menu entry's would be shown with the entry's words."""
    return f"lifedesk-open-{app.slug}.desktop"


def folder_action(app: InstalledApp) -> str | None:
    """The text of the action that opens folders of the names that the program opens; None where it opens none."""
    globs = [glob.rstrip("/") for glob in app.opens if _is_folder(glob)]
    if not globs:
        return None
    lines = [
        "[Desktop Entry]",
        "Type=Action",
        f"Name=Open with {_value(app.title)}",
        f"Icon={_value(app.icon)}",
        "Profiles=open;",
        "",
        "[X-Action-Profile open]",
        f"Exec={OPENER} {app.slug} %f",
        f"MimeTypes={_FOLDER};",
        f"Basenames={';'.join(globs)};",
        "Matchcase=false",
        "SelectionCount==1",
        "",
    ]
    return "\n".join(lines)


def file_type(glob: str) -> str:
    """The MIME type of files that a glob names."""
    return f"application/x-lifedesk-{re.sub(r'[^a-z0-9.+]+', '-', glob.lower()).strip('-.')}"


def mime_package(apps: Iterable[InstalledApp], known_types: str) -> str:
    """The shared-mime-info package of all globs; `known_types` is the text of the system's `globs2`.

    Each glob gets a type of its own above the system's type for the same glob, so that the programs which know
    only that one are offered as well.
    """
    known = dict(reversed(_globs(known_types)))
    globs = sorted({glob.lower() for app in apps for glob in app.opens if not _is_folder(glob)})
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">',
            *(_mime_type(glob, known.get(glob)) for glob in globs),
            "</mime-info>",
            "",
        ]
    )


def default_programs(apps: Sequence[InstalledApp]) -> str:
    """`mimeapps.list`: the first of `apps` opens what it and others could open; folders stay the file manager's."""
    types = sorted({file_type(glob) for app in apps for glob in app.opens if not _is_folder(glob)})
    lines = [
        f"{kind}={';'.join(entry_name(app) for app in apps if kind in map(file_type, app.opens))};" for kind in types
    ]
    return "\n".join(["[Default Applications]", *lines, ""])


def _is_folder(glob: str) -> bool:
    return glob.endswith("/")


def _mime_type(glob: str, system_type: str | None) -> str:
    parent = f'<sub-class-of type="{system_type}"/>' if system_type else ""
    return (
        f'<mime-type type="{file_type(glob)}"><comment>{glob.lstrip("*").lstrip(".").upper()} file</comment>'
        f'{parent}<glob weight="{_WEIGHT}" pattern={quoteattr(glob)}/></mime-type>'
    )


def _globs(text: str) -> list[tuple[str, str]]:
    """Pairs of glob and type of a `globs2` file, the heaviest first, without what this module wrote."""
    rows = [line.split(":") for line in text.splitlines() if line and not line.startswith("#")]
    return [(row[2], row[1]) for row in rows if not row[1].startswith("application/x-lifedesk-")]


def _value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", " ")
