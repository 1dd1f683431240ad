"""Ask all archives at once; results arrive as each one answers."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lifedesk_catalogue.errors import CatalogueError, DatasetNotFound
from lifedesk_catalogue.model import ArchiveNotice, Dataset, File, Hits, Matched
from lifedesk_catalogue.running import run
from lifedesk_catalogue.text import duration_text

if TYPE_CHECKING:
    from lifedesk_catalogue.archives.base import Archive, Listing

Part = Hits | ArchiveNotice


class Search:
    """A search to iterate, with `for` or `async for`; each iteration asks anew.

    Gives one `Hits` or one `ArchiveNotice` per archive, in the order they answer.
    """

    def __init__(self, asked: Sequence[Archive], query: str, limit: int, page: int, timeout_seconds: float) -> None:
        self._asked = asked
        self._query, self._limit, self._page = query, limit, page
        self._timeout_seconds = timeout_seconds

    def __iter__(self) -> Iterator[Part]:
        parts: queue.SimpleQueue[Part | BaseException | None] = queue.SimpleQueue()
        stopped = threading.Event()

        async def fill() -> None:
            async for part in self:
                parts.put(part)
                if stopped.is_set():
                    return

        def work() -> None:
            try:
                asyncio.run(fill())
            except BaseException as error:  # carried to the thread that iterates, which raises it
                parts.put(error)
            else:
                parts.put(None)

        threading.Thread(target=work, name="lifedesk-search", daemon=True).start()
        try:
            while (part := parts.get()) is not None:
                if isinstance(part, BaseException):
                    raise part
                yield part
        finally:
            stopped.set()

    async def __aiter__(self) -> AsyncIterator[Part]:
        tasks = [asyncio.create_task(self._ask(archive)) for archive in self._asked]
        try:
            for answer in asyncio.as_completed(tasks):
                yield await answer
        finally:
            for task in tasks:
                task.cancel()

    async def _ask(self, archive: Archive) -> Part:
        seconds = self._timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                return await archive.search(self._query, limit=self._limit, page=self._page, timeout_seconds=seconds)
        except TimeoutError:
            message = f"{archive.title} did not answer within {duration_text(seconds)}. Try again later."
        except CatalogueError as error:
            message = str(error)
        except OSError as error:
            message = f"{archive.title} could not be searched ({error.strerror or error})."
        return ArchiveNotice(archive=archive.name, message=message, at=datetime.now(UTC))


def search(
    query: str, archives: Sequence[str] | None = None, *, limit: int = 20, page: int = 1, timeout_seconds: float = 20.0
) -> Search:
    """Data sets that match `query`: free text, an accession, a DOI, or the address of an entry's page.

    At most `limit` per archive (archives may give fewer); `page` counts from 1. An archive that is slow, broken or
    gone becomes an `ArchiveNotice` beside the others' results; nothing is raised for one of several. Works in scripts
    and notebooks alike.
    Raises `UnknownArchive` for a name in `archives` that is not set up, `SettingsError` for broken settings.
    """
    if limit < 1 or page < 1:
        raise ValueError(f"limit and page count from 1, not {limit!r} and {page!r}")
    return Search(tuple(_open(archives).values()), query, limit, page, timeout_seconds)


def get(accession_or_url: str, archive: str | None = None, *, timeout_seconds: float = 30.0) -> Dataset:
    """Everything the archive says about one entry, named by accession, DOI or page address.

    Without `archive`, the archives that recognise the name are asked in turn.
    Raises `DatasetNotFound`, `ArchiveUnavailable`, `AnswerNotUnderstood`, `BrokenMetadata`, `UnknownArchive`.
    """
    opened = _open(None if archive is None else (archive,))
    named = [(each, accession) for each in opened.values() if (accession := each.recognise(accession_or_url))]
    if not named:
        asked = ", ".join(each.title for each in opened.values()) or "no archive"
        raise DatasetNotFound(
            f"{accession_or_url!r} is not an accession, a DOI or a page of {asked}. Search for it by words instead."
        )
    missing: DatasetNotFound | None = None
    for each, accession in named:
        try:
            return run(each.get(accession, timeout_seconds=timeout_seconds))
        except DatasetNotFound as error:
            missing = missing or error
    raise missing or DatasetNotFound(accession_or_url)


def list_files(dataset: Dataset, *, timeout_seconds: float = 60.0) -> tuple[File, ...]:
    """The files of a data set, in the archive's order; folders listed as one entry stay one (`is_directory`).

    What had to be left out is named in the warnings of `plan_pull`.
    Raises `DatasetNotFound`, `ArchiveUnavailable`, `AnswerNotUnderstood`.
    """
    return listing(dataset, timeout_seconds).files


def listing(dataset: Dataset, timeout_seconds: float = 60.0) -> Listing:
    """The files together with what had to be left out."""
    (archive,) = _open((dataset.archive,)).values()
    return run(archive.files(dataset.accession, timeout_seconds=timeout_seconds))


def matched(query: str, archives: Sequence[str] | None = None, *, timeout_seconds: float = 20.0) -> Matched:
    """How many data sets match in all archives together, fetching next to nothing of them."""
    parts = list(search(query, archives, limit=1, timeout_seconds=timeout_seconds))
    hits = [part for part in parts if isinstance(part, Hits)]
    silent = tuple(part for part in parts if isinstance(part, ArchiveNotice))
    return Matched(
        total=sum(part.total or 0 for part in hits),
        is_exact=not silent and all(part.total is not None and part.is_total_exact for part in hits),
        notices=silent + tuple(notice for part in hits for notice in part.notices),
    )


def archive_names() -> tuple[str, ...]:
    """The names of the archives set up here, in the order they are asked. Raises `SettingsError`."""
    return tuple(_open(None))


def _open(names: Sequence[str] | None) -> dict[str, Archive]:
    from lifedesk_catalogue.archives import open_archives
    from lifedesk_catalogue.settings import load_settings

    return open_archives(load_settings(), names)
