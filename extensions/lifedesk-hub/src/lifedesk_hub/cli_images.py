"""`lifedesk images`: list them, build them, add one to a site."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from lifedesk_hub.cli_options import JsonOption, SiteOption, StateOption, delegate, out, site_in_use, state_in
from lifedesk_hub.errors import NodeError
from lifedesk_hub.node import environments
from lifedesk_hub.node import images as node_images
from lifedesk_hub.node.engine import engine, engine_in_words
from lifedesk_hub.node.state import added_images, read_site
from lifedesk_hub.node.steps import Steps

images = typer.Typer(help="Build, list or add to the images that sessions run in.", no_args_is_help=True)


@images.command("list")
def images_list(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    as_json: JsonOption = False,
    site: SiteOption = None,
    state: StateOption = None,
) -> None:
    """List the images, with those the site adds: tag, sizes, budget, earlier versions; --json: layer by layer."""
    added = added_images(site or site_in_use(state_in(state)))
    command = [sys.executable, str(node_images.BUILD), "list", *(names or []), "--environments", str(added), "--json"]
    if as_json:
        delegate(command)
    done = subprocess.run([*command, "--known"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeError(done.stderr.strip())
    rows = json.loads(done.stdout)
    table = Table("Image", Column("Tag", no_wrap=True), "Stands on", "Files", "Compressed", "Limit", "Earlier")
    for row in rows:
        files, compressed, limit = (_mb(row[key]) for key in ("uncompressed_bytes", "compressed_bytes", "limit_bytes"))
        parent = row["parent"].removeprefix("lifedesk/")
        built = files if row["built"] else "not built"
        table.add_row(row["name"], _recipe(row["tag"]), parent, built, compressed, limit, str(len(row["earlier"])))
    out.print(table)
    for row in rows if names else []:
        for old in row["earlier"]:
            made = f"made {old['created'][:16].replace('T', ' ')}, {_mb(old['uncompressed_bytes'])}"
            out.print(f"{row['name']}, earlier: {_recipe(old['tag'])}, {made}", highlight=False)


@images.command("prune")
def images_prune(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    keep: Annotated[int, typer.Option("--keep", min=0, help="How many earlier versions of each image stay.")] = 2,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, remove nothing.")] = False,
    site: SiteOption = None,
    state: StateOption = None,
) -> None:
    """Remove earlier versions of the images. Those that sessions run in, and those the site names, stay."""
    site_file = site or site_in_use(state_in(state))
    command = [sys.executable, str(node_images.BUILD), "prune", *(names or []), "--keep", str(keep)]
    command += ["--environments", str(added_images(site_file)), *(["--dry-run"] if dry_run else [])]
    for profile in read_site(site_file).profiles:
        tags = profile.earlier_versions if isinstance(profile.earlier_versions, tuple) else ()
        command += [word for tag in tags for word in ("--keep-tag", f"lifedesk/{profile.image}:{tag}")]
    delegate(command)


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


def _recipe(tag: str) -> str:
    return tag.rpartition(":")[2]


def _mb(size_bytes: int | None) -> str:
    return "" if size_bytes is None else f"{size_bytes / 1e6:,.0f} MB"
