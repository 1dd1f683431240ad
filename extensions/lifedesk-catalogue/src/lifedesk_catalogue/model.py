"""The values every archive speaks in: data sets, files, licences, hits.

Plain frozen dataclasses: parsers build them from answers they have already checked, and importing them
costs nothing. Text in them is plain text (tags stripped, entities resolved), but still not trusted:
escape it before it goes into HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

ChecksumLevel = Literal["published", "etag-md5", "size-only", "none"]
"""How well a pulled file was checked, best first.

`published`: equal to a checksum the archive publishes. `etag-md5`: equal to the MD5 an object store gave as
ETag. `size-only`: as many bytes as announced. `none`: the archive announced nothing to compare with.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What an archive says about reuse: its own words, and the SPDX identifier if they name a known one."""

    raw: str | None = None
    spdx: str | None = None
    url: str | None = None

    @property
    def known(self) -> bool:
        """Whether the licence is one with an SPDX identifier. Unknown does not mean free."""
        return self.spdx is not None

    def __str__(self) -> str:
        return self.spdx or self.raw or "not stated"


@dataclass(frozen=True, slots=True)
class Checksum:
    """A digest the archive publishes: an algorithm of `hashlib` and lower-case hex."""

    algorithm: str
    hexdigest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a data set, or a folder that the archive lists as one entry (`is_directory`)."""

    name: str
    """Path inside the data set, with `/`."""
    url: str
    """`https://…`, `http://…`, or `file:///…` for the site's own data; percent-encoded."""
    size_bytes: int | None = None
    checksum: Checksum | None = None
    media_type: str | None = None
    is_directory: bool = False
    is_optional: bool = False
    """A Zarr chunk: when the archive has none (404), that means fill value and is no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One entry of an archive.

    Search answers hold less than the entry itself: `is_summary` says so, and `get()` fetches the rest.
    """

    archive: str
    accession: str
    title: str
    description: str = ""
    authors: tuple[str, ...] = ()
    licence: Licence = field(default_factory=Licence)
    doi: str | None = None
    """Bare, such as `10.6019/S-BIAD15`; of the data where known, else of the publication."""
    released: date | None = None
    organism: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    """Imaging or other experimental methods, in the archive's words."""
    keywords: tuple[str, ...] = ()
    size_bytes: int | None = None
    file_count: int | None = None
    thumbnail_url: str | None = None
    """`https://…` or `file:///…`; load late, few at once, and live without it."""
    landing_page: str | None = None
    publisher: str | None = None
    """The archive's full name, for the citation."""
    is_summary: bool = False

    @property
    def citation(self) -> str:
        """One sentence to cite the data set by: authors, year, title, archive, accession, DOI or page."""
        who = ", ".join(self.authors[:3]) + (" et al." if len(self.authors) > 3 else "")
        when = f" ({self.released.year})" if self.released else ""
        opening = f"{who}{when}. " if who else (f"{when.strip()} " if when else "")
        where = f"https://doi.org/{self.doi}" if self.doi else (self.landing_page or "")
        ending = f" {where}" if where else ""
        return f"{opening}{self.title.rstrip('.')}. {self.publisher or self.archive}, {self.accession}.{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What one archive found."""

    archive: str
    datasets: tuple[Dataset, ...]
    total: int | None = None
    """How many match in all; None where the archive does not tell."""
    is_total_exact: bool = True
    """False: `total` is a lower bound."""
    notices: tuple[ArchiveNotice, ...] = ()
    """What was left out, by name: say it beside the results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveNotice:
    """One archive (or one data set in it) could not answer; the others' results stand."""

    archive: str
    message: str
    """A sentence for the user."""
    at: datetime
    """When, in UTC."""
    accession: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """How many data sets match a query, over the archives that told."""

    total: int
    is_exact: bool
    """False: at least so many (an archive gave a lower bound, told nothing, or did not answer)."""
    notices: tuple[ArchiveNotice, ...] = ()
