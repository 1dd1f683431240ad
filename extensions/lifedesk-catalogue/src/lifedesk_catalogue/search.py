"""Ask all archives at once; results arrive as each one answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from lifedesk_catalogue.model import ArchiveNotice, Dataset, File, Hits, Matched


class Search:
    """A search under way. Iterate it once, with `for` or `async for`.

    Gives one `Hits` or one `ArchiveNotice` per archive, in the order they answer.
    """

    def __iter__(self) -> Iterator[Hits | ArchiveNotice]:
        raise NotImplementedError

    def __aiter__(self) -> AsyncIterator[Hits | ArchiveNotice]:
        raise NotImplementedError


def search(
    query: str, archives: Sequence[str] | None = None, *, limit: int = 20, page: int = 1, timeout_seconds: float = 20.0
) -> Search:
    """Data sets that match `query`: free text, an accession, a DOI, or the address of an entry's page.

    At most `limit` per archive. An archive that is slow, broken or gone becomes an `ArchiveNotice` beside the
    others' results; nothing is raised for one of several. Works in scripts and notebooks alike.
    Raises `UnknownArchive` for a name in `archives` that is not set up, `SettingsError` for broken settings.
    """
    raise NotImplementedError


def get(accession_or_url: str, archive: str | None = None, *, timeout_seconds: float = 30.0) -> Dataset:
    """Everything the archive says about one entry, named by accession, DOI or page address.

    Without `archive`, the archives that recognise the name are asked in turn.
    Raises `DatasetNotFound`, `ArchiveUnavailable`, `AnswerNotUnderstood`, `UnknownArchive`.
    """
    raise NotImplementedError


def list_files(dataset: Dataset, *, timeout_seconds: float = 60.0) -> tuple[File, ...]:
    """The files of a data set, in the archive's order; folders listed as one entry stay one (`is_directory`).

    Raises `DatasetNotFound`, `ArchiveUnavailable`, `AnswerNotUnderstood`.
    """
    raise NotImplementedError


def matched(query: str, archives: Sequence[str] | None = None, *, timeout_seconds: float = 20.0) -> Matched:
    """How many data sets match, without fetching them."""
    raise NotImplementedError


def archives() -> tuple[str, ...]:
    """The names of the archives set up here, in the order they are asked."""
    raise NotImplementedError
