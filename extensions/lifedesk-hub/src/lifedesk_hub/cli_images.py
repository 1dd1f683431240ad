"""`lifedesk images`: list them, build them, add one to a site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lifedesk_hub.cli_options import JsonOption, SiteOption, StateOption, delegate, out, site_in_use, state_in
from lifedesk_hub.node import environments
from lifedesk_hub.node import images as node_images
from lifedesk_hub.node.engine import engine, engine_in_words
from lifedesk_hub.node.state import added_images
from lifedesk_hub.node.steps import Steps

images = typer.Typer(help="Build, list or add to the images that sessions run in.", no_args_is_help=True)


@images.command("list")
def images_list(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    as_json: JsonOption = False,
    site: SiteOption = None,
    state: StateOption = None,
) -> None:
    """List the images, with those the site adds: tag, parent, size, whether they are built."""
    added = added_images(site or site_in_use(state_in(state)))
    command = [sys.executable, str(node_images.BUILD), "list", *(names or []), "--environments", str(added)]
    delegate([*command, *(["--json"] if as_json else [])])


@images.command("build")
def images_build(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    site: SiteOption = None,
    state: StateOption = None,
) -> None:
    """Build the images that are not there yet (all without a name), with the images they stand on."""
    with Steps(out).step("Environments") as step:
        made = node_images.build(names or [], None, step.note, added_images(site or site_in_use(state_in(state))))
        step.outcome = f"made {', '.join(made)}" if made else "there"


@images.command("from-environment")
def images_from_environment(
    file: Annotated[Path, typer.Argument(help="requirements.txt, or a conda environment.yml for its pip part.")],
    name: Annotated[str, typer.Option("--name", help="What the site file calls the image.")],
    parent: Annotated[
        str | None, typer.Option("--on", help="The image to add to. Default: base, or as before.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="What people call it. Default: the name.")] = None,
    site: SiteOption = None,
    state: StateOption = None,
) -> None:
    """Make an image from a list of Python packages, on top of one of ours.

    Its recipe, with the releases that were chosen, is kept in environments/NAME beside the site file.
    """
    site_file = site or site_in_use(state_in(state))
    with engine_in_words():
        client = engine(state_in(state).logs / "dockerd.log")
        tag = environments.make(environments.Wanted(file, name, parent, title), site_file, client, Steps(out))
    out.print(f"\nMade {tag}; its recipe is in {added_images(site_file) / name}", highlight=False, soft_wrap=True)
    out.print(f"In a profile of {site_file.name}: [bold]image: {name}[/bold], then ./lifedesk up", highlight=False)
