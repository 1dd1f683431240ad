"""The node's own data: a folder, each entry of which is a data set.

An entry is a folder described by `ro-crate-metadata.json` or `dataset.yaml`, or plain data that somebody dropped
there: an OME-Zarr, a structure, a TIFF, any folder of files. Undescribed data gets its title from itself and an
unknown licence.
"""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from lifedesk_catalogue.archives.base import Capabilities, Listing
from lifedesk_catalogue.archives.ro_crate import FileFacts, parse_crate, parse_files
from lifedesk_catalogue.archives.site_files import walk
from lifedesk_catalogue.archives.site_metadata import Description, cif_description, multiscales_name, parse_yaml
from lifedesk_catalogue.errors import ArchiveUnavailable, BrokenMetadata, DatasetNotFound
from lifedesk_catalogue.model import ArchiveNotice, Dataset, File, Hits
from lifedesk_catalogue.text import bare_doi

if TYPE_CHECKING:
    from lifedesk_catalogue.settings import SiteSettings

T = TypeVar("T")
CRATE = "ro-crate-metadata.json"
YAML = "dataset.yaml"
CRATE_COPY = "source-ro-crate-metadata.json"
"""What a data set's own crate is called in a pulled copy, which has a crate of its own."""
COUNTED_FILES = 20_000
"""Beyond so many files an entry's size is not counted for the result list."""
_SUFFIXES = (
    ".ome.zarr",
    ".zarr",
    ".ome.tiff",
    ".ome.tif",
    ".tiff",
    ".tif",
    ".cif.gz",
    ".cif",
    ".mmcif",
    ".pdb.gz",
    ".pdb",
)
_METADATA_BYTES = 64 * 2**20


class SiteArchive:
    """A folder of data sets, searched by the words in their descriptions."""

    name = "site"
    title = "This site"
    capabilities = Capabilities(free_text=True, totals=True, checksums=True, ranges=True, thumbnails=True)

    def __init__(self, settings: SiteSettings) -> None:
        self._folder = settings.path

    def recognise(self, text: str) -> str | None:
        """The entry called `text`, or whose DOI it is."""
        words = text.strip()
        if _is_entry_name(words) and (self._folder / words).exists():
            return words
        if doi := bare_doi(words):
            for entry in self._entries():
                try:
                    if (self._describe(entry).doi or "").lower() == doi.lower():
                        return entry.name
                except BrokenMetadata:
                    continue
        return None

    async def search(self, query: str, *, limit: int, page: int, timeout_seconds: float) -> Hits:
        """Entries in which every word of the query occurs, best matches first; all by name for an empty query."""
        return await asyncio.to_thread(self._search, query, limit, page)

    async def get(self, accession: str, *, timeout_seconds: float) -> Dataset:
        """The entry of this name."""
        return await asyncio.to_thread(lambda: self._dataset(self._entry(accession)))

    async def files(self, accession: str, *, timeout_seconds: float) -> Listing:
        """Its files, in order; links that leave it and unreadable files are named in the notices."""
        return await asyncio.to_thread(lambda: self._listing(self._entry(accession)))

    def _search(self, query: str, limit: int, page: int) -> Hits:
        words = _folded(query).split()
        exact = self.recognise(query) if query.strip() else None
        found: list[tuple[int, Dataset]] = []
        notices: list[ArchiveNotice] = []
        for entry in self._entries():
            try:
                dataset = self._dataset(entry)
            except BrokenMetadata as error:
                notices.append(self._notice(entry.name, f"{entry.name!r} is left out: {error}."))
                continue
            except OSError as error:
                notices.append(self._notice(entry.name, f"{entry.name!r} is left out: {error.strerror or error}."))
                continue
            if dataset.accession == exact or (exact is None and _matches(dataset, words)):
                found.append((_rank(dataset, words), dataset))
        found.sort(key=lambda pair: (-pair[0], pair[1].accession.casefold()))
        chosen = tuple(dataset for _, dataset in found[(page - 1) * limit : page * limit])
        return Hits(archive=self.name, datasets=chosen, total=len(found), notices=tuple(notices))

    def _entries(self) -> list[Path]:
        try:
            return sorted(
                (path for path in self._folder.iterdir() if _is_entry_name(path.name) and not _is_note(path)),
                key=lambda path: path.name,
            )
        except OSError as error:
            raise ArchiveUnavailable(
                f"The site's data folder cannot be read ({error.strerror}). Tell whoever runs this node."
            ) from error

    def _entry(self, accession: str) -> Path:
        entry = self._folder / accession
        if not _is_entry_name(accession) or not entry.exists():
            raise DatasetNotFound(f"This site has no data set {accession!r}. Search with an empty query to see all.")
        return entry

    def _describe(self, entry: Path) -> Description:
        """What describes the entry. Raises `BrokenMetadata`, naming the file."""
        _refuse_escape(entry, self._folder)
        for name, parse in ((CRATE, parse_crate), (YAML, parse_yaml)):
            if (described := _document(entry, name, parse)) is not None:
                return described
        return _from_data(entry)

    def _dataset(self, entry: Path) -> Dataset:
        described = self._describe(entry)
        files = list(islice(walk(entry, []), COUNTED_FILES + 1))
        counted = len(files) <= COUNTED_FILES
        return Dataset(
            archive=self.name,
            accession=entry.name,
            title=described.title or _title(entry.name),
            description=described.description,
            authors=described.authors,
            licence=described.licence,
            doi=described.doi,
            released=described.released,
            organism=described.organism,
            methods=described.methods,
            keywords=described.keywords,
            size_bytes=sum(path.stat().st_size for _, path in files) if counted else None,
            file_count=len(files) if counted else None,
            thumbnail_url=_thumbnail(entry, described.thumbnail),
            publisher=self.title,
        )

    def _listing(self, entry: Path) -> Listing:
        _refuse_escape(entry, self._folder)
        facts = _document(entry, CRATE, parse_files) or {}
        problems: list[str] = []
        files = {name: _file(entry, name, path, facts) for name, path in walk(entry, problems)}
        if missing := sorted(facts.keys() - files.keys()):
            problems.append(f"{len(missing)} of the files that {CRATE} names are not there, such as {missing[0]!r}.")
        return Listing(tuple(files.values()), tuple(self._notice(entry.name, problem) for problem in problems))

    def _notice(self, accession: str, message: str) -> ArchiveNotice:
        return ArchiveNotice(archive=self.name, message=message, at=datetime.now(UTC), accession=accession)


def _file(entry: Path, name: str, path: Path, facts: Mapping[str, FileFacts]) -> File:
    """A file of the entry. What its crate states of it, size and checksum, is what a pull has to find."""
    url = path.resolve().as_uri()
    if name == CRATE and entry.is_dir():
        return File(name=CRATE_COPY, url=url, size_bytes=path.stat().st_size)
    stated = facts.get(name, FileFacts())
    size = path.stat().st_size if stated.size_bytes is None else stated.size_bytes
    return File(name=name, url=url, size_bytes=size, checksum=stated.checksum)


def _document(entry: Path, name: str, parse: Callable[[str], T]) -> T | None:
    """What `parse` makes of this description of the entry; None where there is none. Raises `BrokenMetadata`."""
    try:
        return parse(_read_text(entry / name, entry)) if (entry / name).is_file() else None
    except BrokenMetadata as error:
        raise BrokenMetadata(f"{name}: {error}") from error


def _from_data(entry: Path) -> Description:
    if entry.is_dir():
        for name in ("zarr.json", ".zattrs"):
            if (entry / name).is_file():
                try:
                    return Description(title=multiscales_name(json.loads(_read_text(entry / name, entry))))
                except (ValueError, BrokenMetadata):
                    return Description()
    elif entry.name.lower().endswith((".cif", ".mmcif")):
        with entry.open("rb") as file:
            return cif_description(file.read(2**20).decode("utf-8", "replace"))
    return Description()


def _read_text(path: Path, entry: Path) -> str:
    _refuse_escape(path, entry)
    try:
        if path.stat().st_size > _METADATA_BYTES:
            raise BrokenMetadata("it is larger than 64 MB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenMetadata("it is not UTF-8 text") from error
    except OSError as error:
        raise BrokenMetadata(f"it cannot be read ({error.strerror})") from error


def _refuse_escape(path: Path, folder: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BrokenMetadata("it is a link that leaves its folder")


def _thumbnail(entry: Path, named: str | None) -> str | None:
    if not entry.is_dir():
        return None
    local = unquote(named) if named and not urlsplit(named).scheme else None
    for name in filter(None, (local, "thumbnail.png", "thumbnail.jpg")):
        path = (entry / name).resolve()
        if path.is_file() and path.is_relative_to(entry.resolve()):
            return path.as_uri()
    return None


def _title(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] or name
    return name


def _is_entry_name(text: str) -> bool:
    return bool(text) and "/" not in text and "\0" not in text and not text.startswith(".") and len(text.encode()) < 256


def _is_note(path: Path) -> bool:
    """A text about the folder as a whole, such as README.md, is no data set."""
    return path.name.lower().endswith(".md") and path.is_file()


def _folded(text: str) -> str:
    """Without case and accents, so that "Cajal" finds "cajal" and "Unal" finds "Ünal"."""
    decomposed = unicodedata.normalize("NFKD", text.replace('"', " "))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def _matches(dataset: Dataset, words: list[str]) -> bool:
    parts = (dataset.accession, dataset.title, dataset.description, dataset.doi or "", *dataset.authors)
    text = _folded(" ".join((*parts, *dataset.organism, *dataset.methods, *dataset.keywords)))
    return all(word in text for word in words)


def _rank(dataset: Dataset, words: list[str]) -> int:
    title = _folded(f"{dataset.title} {dataset.accession}")
    return sum(word in title for word in words)
