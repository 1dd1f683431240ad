"""The `lifedesk` command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.table import Table

from lifedesk_hub import cli_images
from lifedesk_hub.cli_options import (
    JsonOption,
    SiteOption,
    StateOption,
    delegate,
    err,
    out,
    site_in_use,
    state_in,
)
from lifedesk_hub.config import hub_config, masked
from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import LifedeskError
from lifedesk_hub.making import images_being_made
from lifedesk_hub.node import image_check
from lifedesk_hub.node import images as node_images
from lifedesk_hub.node import status as node_status
from lifedesk_hub.node import up as node_up
from lifedesk_hub.node.engine import connect
from lifedesk_hub.node.state import REPOSITORY, State, added_images, read_site, shown_secrets
from lifedesk_hub.node.steps import Steps
from lifedesk_hub.site import Site, SiteFileError, site_schema

app = typer.Typer(
    help="A virtual research environment for the life sciences, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(cli_images.images, name="images")


@app.command()
def up(
    site: SiteOption = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", help="Port people open on 127.0.0.1; 0 takes a free one. Default: 8000.", min=0, max=65535
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Install what is missing without asking.")] = False,
    image_archive: Annotated[
        Path | None, typer.Option(help="Folder with images saved by images/build.py save.")
    ] = None,
    state: StateOption = None,
) -> None:
    """Bring the node up. What runs already is left alone."""
    kept = state_in(state)
    site_file = site or site_in_use(kept)
    if (port is None or port == 0 or _port_in_use(kept) == port) and node_up.is_up(kept, site_file):
        out.print("[green]Already running.[/green]")
    else:
        wanted = node_up.Wanted(site_file, port, image_archive, lambda command: yes or _may(command))
        node_up.up(kept, wanted, Steps(out))
    _print_welcome(kept)


@app.command()
def down(
    sessions: Annotated[bool, typer.Option("--sessions", help="End the sessions too. Homes are kept.")] = False,
    state: StateOption = None,
) -> None:
    """Stop the node. Sessions go on, and are there again after the next `up`, unless ended with --sessions."""
    was_running, ended = node_up.down(state_in(state), sessions)
    out.print("Stopped." if was_running else "It was not running.", f"{ended} sessions ended." if sessions else "")


@app.command()
def status(as_json: JsonOption = False, state: StateOption = None) -> None:
    """Say what runs: address, accounts of the demo, sessions."""
    found = node_status.status(state_in(state))
    if as_json:
        print(json.dumps(found, indent=2))  # noqa: T201  (rich would wrap it)
        return
    out.print(f"{found['state']}: {found['url'] or 'never started'}")
    for name, current in node_status.standing_still(state_in(state)).items():
        out.print(f"[red]{name} does not run[/red] ({current.lower()}): see ./lifedesk logs {name}", highlight=False)
    if making := images_being_made(state_in(state).root):
        out.print(f"Images being made: {', '.join(sorted(making))}", highlight=False)
    if found["url"]:
        _note_gpus(state_in(state).site())
    _print_accounts(state_in(state))
    table = Table("Person", "Environment", "Size", "Since", "State", title="Sessions")
    for session in found["sessions"]:
        table.add_row(*(str(session[key] or "") for key in ("person", "profile", "size", "started", "state")))
    out.print(table if found["sessions"] else "No sessions.")


@app.command()
def logs(
    name: Annotated[
        str | None, typer.Argument(help="hub, front, proxy, demo-login, housekeeping or supervisor. Default: all.")
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines of each.")] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is written.")] = False,
    state: StateOption = None,
) -> None:
    """Print the last lines of the node's logs."""
    folder = state_in(state).logs
    found = sorted(folder.glob(f"{name or '*'}.log"))
    if not found:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.log"))) or "none yet"
        raise LifedeskError(f"No log named {name!r} in {folder}. There are: {known}.")
    command = ["tail", f"--lines={lines}", *(["--follow=name", "--retry"] if follow else []), *map(str, found)]
    subprocess.run(command, check=False)


@app.command()
def check(site: Annotated[Path, typer.Argument(help="Site file.")]) -> None:
    """Check a site file: all its faults in one report, exit status 1."""
    loaded = read_site(site)
    elsewhere = node_images.images_from_elsewhere(loaded, added_images(site))
    client = connect() if elsewhere else None
    unfit, unseen = image_check.look_at(client, elsewhere)
    if unfit:
        raise LifedeskError("\n".join([f"{site.name} names images that no session can start from:", *unfit]))
    out.print(f"{site.name}: no faults", highlight=False)
    if unseen:
        out.print(f"Not looked at, they are not on this machine: {', '.join(unseen)}", highlight=False)
    _note_gpus(loaded)


@app.command()
def show(site: Annotated[Path, typer.Argument(help="Site file.")], state: StateOption = None) -> None:
    """Print the hub configuration that a site file comes to, secrets masked."""
    loaded = read_site(site)
    deployment = state_in(state).deployment() or _example_deployment(state_in(state).root, site)
    config = masked(hub_config(loaded, deployment, shown_secrets()))
    print(yaml.safe_dump(config, sort_keys=True, allow_unicode=True, width=120), end="")  # noqa: T201


@app.command()
def schema() -> None:
    """Print the JSON Schema of the site file, for editors."""
    print(json.dumps(site_schema(), indent=2))  # noqa: T201


@app.command()
def test(
    tiers: Annotated[
        list[str] | None,
        typer.Argument(help="Folders of tests/, or `code` for formatting, types and imports. Default: all."),
    ] = None,
) -> None:
    """Run the tests."""
    delegate([str(REPOSITORY / "tests" / "run"), *(tiers or [])])


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context, name: Annotated[str, typer.Argument(help="A program in benchmarks/.")]) -> None:
    """Run a benchmark: ours beside a named peer, in one run."""
    program = REPOSITORY / "benchmarks" / f"{name}.py"
    if not program.is_file():
        known = sorted(path.stem for path in program.parent.glob("*.py") if "\ndef main(" in path.read_text())
        raise LifedeskError(f"No benchmark named {name!r}. There are: {', '.join(known)}.")
    environment = [str(REPOSITORY / "tests" / "run"), "environment"]
    if subprocess.run(environment, check=False).returncode != 0:  # benchmarks look through the tests' browser
        sys.exit(1)
    delegate([str(REPOSITORY / ".venv-tests" / "bin" / "python"), "-m", f"benchmarks.{name}", *context.args])


def main() -> None:
    """Run the command; what goes wrong on purpose is one sentence and exit status 1."""
    try:
        app(prog_name="lifedesk")
    except SiteFileError as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except LifedeskError as error:
        err.print(f"[red]✗[/red] {type(error).__name__}:", end=" ")
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except OSError as error:
        # The system's own refusals, such as a full disk, name their reason and file well enough.
        err.print("[red]✗[/red]", end=" ")
        err.print(f"{error.strerror or error}: {error.filename or ''}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


def _port_in_use(state: State) -> int | None:
    deployment = state.deployment()
    return int(deployment.proxy_bind_url.split(":")[2].split("/")[0]) if deployment else None


def _may(command: str) -> bool:
    return sys.stdin.isatty() and typer.confirm(f"Run `{command}` now?", default=True, err=True)


def _print_welcome(state: State) -> None:
    deployment = state.deployment()
    out.print(f"\nOpen [bold]{deployment.url if deployment else ''}[/bold]", highlight=False)
    _print_accounts(state)


def _note_gpus(site: Site) -> None:
    if sentence := node_status.without_gpus(site):
        out.print(f"[yellow]Note:[/yellow] {sentence}", highlight=False)


def _print_accounts(state: State) -> None:
    accounts = node_status.demo_accounts(state)
    if accounts:
        table = Table("Name", "Password", "Groups", title="Demo accounts", title_justify="left")
        for account in accounts:
            table.add_row(account.name, account.password, ", ".join(account.groups) or "none: is refused")
        out.print(table)


def _example_deployment(root: Path, site_file: Path) -> Deployment:
    """A deployment with the addresses a first `up` would choose, to show a site that runs nowhere yet."""
    return Deployment(
        name="lifedesk-example",
        state=root,
        url="http://127.0.0.1:8000",
        proxy_bind_url="http://127.0.0.1:8000",
        proxy_api_url="http://127.0.0.1:8001",
        proxy_url="http://127.0.0.1:8003",
        hub_url="http://172.18.0.1:8081",
        network="lifedesk-example",
        images=node_images.image_tags(added_images(site_file)),
        site_archive=root / "site-archive",
        demo_issuer="http://localhost:8002",
    )


if __name__ == "__main__":
    main()
