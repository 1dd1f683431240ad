"""`lifedesk-environment`: the environments of one's own, listed, made, made anew, removed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.make import check, make, own_packages, remove
from lifedesk_lab.environments.places import DEFAULT, Environment, all_environments, named, this_image
from lifedesk_lab.environments.renew import renew


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 and a sentence on standard error when it cannot be done."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.command(chosen)
    except OwnEnvironmentError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}: {error.filename or ''}\n")
        return 1
    return 0


def new(chosen: argparse.Namespace) -> None:
    """Make an environment with a kernel of its own."""
    image = this_image()
    environment = named(chosen.name, image)
    if environment.is_whole:
        raise OwnEnvironmentError(f"There is an environment {environment.name!r} already: {environment.folder}")
    begun = time.monotonic()
    make(environment, image)
    _say(f"Made {environment.folder} in {time.monotonic() - begun:.1f} s. Its kernel: {environment.title}")
    _say(f"To use it in this terminal: source {environment.folder}/bin/activate")


def show(chosen: argparse.Namespace) -> None:
    """List the environments in this home, of all images."""
    image = this_image()
    rows = [
        {
            "name": environment.name,
            "image": over,
            "python": ".".join(map(str, environment.version)),
            "packages": len(own_packages(environment)),
            "folder": str(environment.folder),
            "usable_here": (over, environment.version) == (image.name, image.version) and _is_sound(environment),
        }
        for over, environment in all_environments()
    ]
    if chosen.json:
        _say(json.dumps(rows, indent=1))
        return
    for row in rows:
        where = "usable here" if row["usable_here"] else "not usable here"
        _say(f"{row['name']:<20} {row['image']}, Python {row['python']:<6} {row['packages']:>4} packages  {where}")
        _say(f"{'':<20} {row['folder']}")
    if not rows:
        _say("There is none yet. The first pip install makes one, named my-packages.")


def renew_one(chosen: argparse.Namespace) -> None:
    """Make an environment anew with the packages you asked for: when it is damaged, or the image's Python changed."""
    image = this_image()
    renew(named(chosen.name, image), image, _say)
    _say("Done. Restart the kernels that use it.")


def remove_one(chosen: argparse.Namespace) -> None:
    """Remove an environment and all that is installed in it."""
    environment = named(chosen.name, this_image())
    if not chosen.yes and input(f"Remove {environment.folder} with all its packages? [y/N] ").lower() not in (
        "y",
        "yes",
    ):
        raise OwnEnvironmentError("Nothing was removed.")
    remove(environment)
    _say(f"Removed {environment.folder}.")


def _is_sound(environment: Environment) -> bool:
    try:
        check(environment)
    except OwnEnvironmentError:
        return False
    return True


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()  # before what pip prints


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lifedesk-environment",
        description="Environments of your own: packages you install, kept in your home, over those of the image.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    made = commands.add_parser("new", help=new.__doc__, description=new.__doc__)
    made.add_argument("name", metavar="NAME", help="small letters, digits and hyphens")
    made.set_defaults(command=new)
    listed = commands.add_parser("list", help=show.__doc__, description=show.__doc__)
    listed.add_argument("--json", action="store_true", help="for programs")
    listed.set_defaults(command=show)
    renewed = commands.add_parser("renew", help=renew_one.__doc__, description=renew_one.__doc__)
    renewed.add_argument("name", metavar="NAME", nargs="?", default=DEFAULT, help=f"default: {DEFAULT}")
    renewed.set_defaults(command=renew_one)
    removed = commands.add_parser("remove", help=remove_one.__doc__, description=remove_one.__doc__)
    removed.add_argument("name", metavar="NAME")
    removed.add_argument("--yes", action="store_true", help="do not ask")
    removed.set_defaults(command=remove_one)
    return parser
