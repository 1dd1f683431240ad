"""The panel and its menu for the window manager, made from the image's programs.

Format: https://joewing.net/projects/jwm/config.html
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from lifedesk_lab.apps.installed import InstalledApp, installed_apps

_BUTTONS = 6


def write_menu(file: Path) -> None:
    """Write panel and menu of this image's programs to `file`, which the window manager's configuration includes."""
    file.write_text(menu(installed_apps()), encoding="utf-8")


def menu(apps: Sequence[InstalledApp]) -> str:
    """Panel and menu: all programs in the menu, the first of them as buttons in the panel too."""
    return "\n".join(
        [
            '<?xml version="1.0"?>',
            "<JWM>",
            '<RootMenu onroot="1" height="28">',
            *(
                f"<Program icon={quoteattr(app.icon)} label={quoteattr(app.title)}>{_command(app)}</Program>"
                for app in apps
            ),
            "</RootMenu>",
            '<Tray x="0" y="-1" height="34">',
            '<TrayButton label="Programs" icon="/opt/lifedesk/desktop/programs.svg">root:1</TrayButton>',
            '<Spacer width="8"/>',
            *(_button(app) for app in apps[:_BUTTONS]),
            '<Spacer width="8"/>',
            '<TaskList maxwidth="240"/>',
            '<Clock format="%H:%M"/>',
            "</Tray>",
            "</JWM>",
            "",
        ]
    )


def _entry(app: InstalledApp) -> str:
    return f"<Program icon={quoteattr(app.icon)} label={quoteattr(app.title)}>{_command(app)}</Program>"


def _button(app: InstalledApp) -> str:
    return f"<TrayButton icon={quoteattr(app.icon)} popup={quoteattr(app.title)}>exec:{_command(app)}</TrayButton>"


def _command(app: InstalledApp) -> str:
    return escape(f"lifedesk-open {app.slug}")
