"""What every archive can be asked, and what it says it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lifedesk_catalogue.model import ArchiveNotice, Dataset, File, Hits


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an archive offers, so that nobody has to try."""

    free_text: bool
    """Searches by words."""
    totals: bool
    """Tells how many match."""
    checksums: bool
    """Publishes checksums of files, at least where the depositors gave them."""
    ranges: bool
    """Serves parts of files, so that a cut transfer continues."""
    thumbnails: bool
    """May have a picture per data set."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a data set, and what had to be left out, by name."""

    files: tuple[File, ...]
    notices: tuple[ArchiveNotice, ...] = ()


class Archive(Protocol):
    """One archive. Its methods may be called at the same time and keep no state."""

    name: str
    title: str
    """Full name, for people."""
    capabilities: Capabilities

    def recognise(self, text: str) -> str | None:
        """The accession that `text` (an accession, a DOI, a page's address) names here; None when it names none."""

    async def search(self, query: str, *, limit: int, page: int, timeout_seconds: float) -> Hits:
        """The `page`-th (from 1) `limit` data sets that match; everything, newest first, for an empty query."""

    async def get(self, accession: str, *, timeout_seconds: float) -> Dataset:
        """Everything about one entry. Raises `DatasetNotFound`."""

    async def files(self, accession: str, *, timeout_seconds: float) -> Listing:
        """Its files. Raises `DatasetNotFound`."""
