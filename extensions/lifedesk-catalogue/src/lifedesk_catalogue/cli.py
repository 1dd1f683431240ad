"""The command `lifedesk-catalogue`: search, show, pull and look at data sets from a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table
from rich.text import Text

from lifedesk_catalogue import get, list_files, open_dataset, overview, plan_pull, pull, search
from lifedesk_catalogue.errors import CatalogueError
from lifedesk_catalogue.image import Image
from lifedesk_catalogue.model import ArchiveNotice, Dataset, Hits
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.text import duration_text, size_text

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Find life-science data sets, pull them, open them.")
out = Console()
err = Console(stderr=True)

Archive = Annotated[str | None, typer.Option("--archive", "-a", help="Only this archive, such as bioimage-archive.")]
Into = Annotated[Path | None, typer.Option("--into", "-o", help="Folder; ~/data/ARCHIVE/ACCESSION if not given.")]


@contextmanager
def _sentences() -> Iterator[None]:
    """Errors as a sentence and exit status 1, no traceback; an interrupt as status 130."""
    try:
        yield
    except CatalogueError as error:
        err.print(Text(str(error), style="red"))
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        err.print("Stopped. What arrived is kept; the same command continues.")
        raise typer.Exit(130) from error


@app.command("search")
def search_command(
    words: Annotated[
        list[str] | None, typer.Argument(help="Words, an accession, a DOI; nothing for the newest.")
    ] = None,
    archive: Archive = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most results per archive.")] = 20,
) -> None:
    """List the data sets that match, as each archive answers."""
    with _sentences():
        for part in search(" ".join(words or ()), (archive,) if archive else None, limit=limit):
            if isinstance(part, ArchiveNotice):
                _say_notice(part)
            else:
                _say_hits(part)


@app.command("show")
def show_command(name: Annotated[str, typer.Argument(metavar="ACCESSION")], archive: Archive = None) -> None:
    """Show what the archive says about one data set, and its files."""
    with _sentences():
        dataset = get(name, archive)
        out.print(_facts(dataset))
        table = Table("file", "size", box=None)
        files = list_files(dataset)
        for file in files[:50]:
            table.add_row(Text(file.name), "folder" if file.is_directory else size_text(file.size_bytes))
        out.print(table)
        if len(files) > 50:
            out.print(f"and {len(files) - 50} more files")


@app.command("pull")
def pull_command(
    name: Annotated[str, typer.Argument(metavar="ACCESSION")],
    files: Annotated[
        list[str] | None, typer.Argument(help="Names, folders or patterns such as '*.tif'; all if none.")
    ] = None,
    archive: Archive = None,
    into: Into = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would be fetched.")] = False,
) -> None:
    """Fetch a data set, or continue fetching it."""
    with _sentences():
        plan = plan_pull(get(name, archive), files or None, into)
        _say_plan(plan)
        if dry_run:
            return
        with _bars() as show:
            pulled = pull(plan, show)
        checked = ", ".join(f"{count} {level}" for level, count in pulled.checksum_levels.items())
        out.print(
            Text(
                f"{pulled.folder}: {pulled.fetched} files fetched ({size_text(pulled.fetched_bytes)}); "
                f"checked: {checked}."
            )
        )


@app.command("open")
def open_command(
    place: Annotated[str, typer.Argument(help="A file, a pulled folder, or the accession of a pulled data set.")],
    path: Annotated[str | None, typer.Option(help="Which of several inside.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Write a quick look here, as PNG.")] = None,
) -> None:
    """Say what is in a file or pulled data set; with --picture, draw it."""
    with _sentences():
        opened = open_dataset(Path(place) if Path(place).exists() else get(place), path)
        if isinstance(opened, Image):
            axes = " ".join(f"{axis}={length}" for axis, length in zip(opened.axes, opened.shape, strict=True))
            out.print(Text(f"{opened.name}: {opened.format}, {axes}, {opened.data.dtype}, {len(opened.levels)} levels"))
            out.print(Text(f"channels: {', '.join(channel.name for channel in opened.channels)}"))
        else:
            chains = ", ".join(chain.name for chain in opened[0])
            out.print(Text(f"{opened.name}: structure with chains {chains}"))
        if picture:
            from lifedesk_catalogue.png import write_png

            write_png(picture, overview(opened))
            out.print(Text(f"drawn to {picture}"))


def _say_hits(hits: Hits) -> None:
    total = "" if hits.total is None else f" of {'' if hits.is_total_exact else 'at least '}{hits.total}"
    table = Table(
        Column("accession", overflow="fold"),  # whole: it is what the next command is given
        "title",
        "released",
        "licence",
        "size",
        title=f"{hits.archive}: {len(hits.datasets)}{total}",
        title_justify="left",
    )
    for dataset in hits.datasets:
        licence = "" if dataset.is_summary else str(dataset.licence)
        size = "" if dataset.size_bytes is None else size_text(dataset.size_bytes)
        released = dataset.released.isoformat() if dataset.released else ""
        table.add_row(Text(dataset.accession), Text(dataset.title), released, Text(licence), size)
    out.print(table)
    for notice in hits.notices:
        _say_notice(notice)


def _say_notice(notice: ArchiveNotice) -> None:
    err.print(Text(f"{notice.archive}, {notice.at:%H:%M} UTC: {notice.message}", style="yellow"))


def _facts(dataset: Dataset) -> Table:
    table = Table(box=None, show_header=False)
    facts = {
        "title": dataset.title,
        "accession": f"{dataset.accession} ({dataset.publisher or dataset.archive})",
        "authors": ", ".join(dataset.authors),
        "released": dataset.released.isoformat() if dataset.released else "",
        "licence": str(dataset.licence),
        "organism": ", ".join(dataset.organism),
        "methods": ", ".join(dataset.methods),
        "size": size_text(dataset.size_bytes) if dataset.size_bytes is not None else "",
        "page": dataset.landing_page or "",
        "cite as": dataset.citation,
        "description": dataset.description,
    }
    for name, value in facts.items():
        if value:
            table.add_row(Text(name, style="bold"), Text(value))
    return table


def _say_plan(plan: Plan) -> None:
    for warning in plan.warnings:
        err.print(Text(warning, style="yellow"))
    todo = plan.files_to_fetch
    more = f" and {plan.unknown_sizes} files of unknown size" if plan.unknown_sizes else ""
    out.print(
        Text(
            f"{len(todo)} of {len(plan.files)} files to fetch, {size_text(plan.bytes_to_fetch)}{more}, "
            f"into {plan.into} ({size_text(plan.free_bytes)} free); licence: {plan.dataset.licence}."
        )
    )


class _Shown:
    """Hands a pull's progress to a bar."""

    def __init__(self, bars: Bars, task: TaskID) -> None:
        self._bars, self._task = bars, task

    def __call__(self, moment: Progress) -> None:
        left = f", {duration_text(moment.eta_seconds)} left" if moment.eta_seconds is not None else ""
        words = f"{size_text(int(moment.bytes_per_second))}/s{left}" if moment.state == "transferring" else moment.state
        by_size = moment.bytes_total is not None
        self._bars.update(
            self._task,
            total=moment.bytes_total if by_size else moment.files_total,
            completed=moment.bytes_done if by_size else moment.files_done,
            files=f"{moment.files_done}/{moment.files_total} files",
            words=f"{words} {moment.message or ''}",
        )


@contextmanager
def _bars() -> Iterator[_Shown]:
    columns = (
        BarColumn(),
        TextColumn("{task.fields[files]}", markup=False),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Bars(*columns, console=err) as bars:
        yield _Shown(bars, bars.add_task("", files="", words=""))


def main() -> None:
    """The entry point."""
    app()
