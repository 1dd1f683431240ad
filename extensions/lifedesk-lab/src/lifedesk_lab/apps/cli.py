"""`lifedesk-apps`: install an image's programs while it is built, list them in a session."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lifedesk_lab.apps.errors import AppsError
from lifedesk_lab.apps.installed import installed_apps

SOURCES = Path("/opt/lifedesk/images")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 and the faults on standard error when it cannot be done."""
    parser = argparse.ArgumentParser(prog="lifedesk-apps", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    install = commands.add_parser("install", help="install the programs of apps.yaml as those of an image")
    install.add_argument("name", metavar="NAME", help="the image")
    install.add_argument("--from", dest="folder", type=Path, metavar="FOLDER",
                         help=f"holds apps.yaml and its pictures (default: {SOURCES}/NAME)")  # fmt: skip
    commands.add_parser("list", help="one line per program: slug, version, what it opens")
    chosen = parser.parse_args(arguments)
    if chosen.command == "list":
        rows = [f"{app.slug:<16} {app.version:<12} {' '.join(app.opens)}" for app in installed_apps()]
    else:
        # What only a build needs is not loaded in a session.
        from lifedesk_lab.apps.install import install as install_apps

        try:
            rows = [
                f"{app.slug} {app.version}" for app in install_apps(chosen.name, chosen.folder or SOURCES / chosen.name)
            ]
        except AppsError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    sys.stdout.write("".join(f"{row.rstrip()}\n" for row in rows))
    return 0
