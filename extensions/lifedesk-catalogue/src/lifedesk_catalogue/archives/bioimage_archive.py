"""The BioImage Archive, through the BioStudies API (https://www.ebi.ac.uk/biostudies)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

from lifedesk_catalogue.archives import pagetab
from lifedesk_catalogue.archives.base import Capabilities, Listing
from lifedesk_catalogue.errors import AnswerNotUnderstood, ArchiveUnavailable, DatasetNotFound
from lifedesk_catalogue.model import ArchiveNotice, Dataset, File, Hits
from lifedesk_catalogue.text import bare_doi
from lifedesk_catalogue.transport import StatusError, Transport

if TYPE_CHECKING:
    from lifedesk_catalogue.settings import BioImageArchiveSettings

LARGEST_PAGE = 100  # the server caps larger ones without saying so
_ACCESSION = re.compile(r"S-[A-Z][A-Z0-9]*\d[A-Z0-9]*", re.IGNORECASE)
_PAGE_HOSTS = ("ebi.ac.uk", "bioimagearchive.org")
_LUCENE = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/<>=])')
_OPERATORS = frozenset({"AND", "OR", "NOT", "TO"})


class BioImageArchive:
    """Searches the collection, reads page tabs, lists files from their file lists."""

    name = "bioimage-archive"
    title = "BioImage Archive"
    capabilities = Capabilities(free_text=True, totals=True, checksums=False, ranges=True, thumbnails=False)

    def __init__(self, settings: BioImageArchiveSettings) -> None:
        self._api = settings.base_url
        self._root = settings.base_url.split("/api/")[0]
        self._landing = f"{self._root}/studies/"
        self._collection = settings.collection

    def recognise(self, text: str) -> str | None:
        """The accession in an accession, a `10.6019/…` DOI, or an address of a study's page."""
        words = text.strip()
        if _ACCESSION.fullmatch(words):
            return words.upper()
        doi = bare_doi(words)
        if doi and doi.lower().startswith("10.6019/") and _ACCESSION.fullmatch(doi[8:]):
            return doi[8:].upper()
        if words.startswith(("http://", "https://")):
            return self._from_address(words)
        return None

    def _from_address(self, address: str) -> str | None:
        parts = urlsplit(address)
        host = parts.hostname or ""
        own = host == urlsplit(self._api).hostname or host.endswith(_PAGE_HOSTS)
        segments = [re.sub(r"\.(html|json)$", "", unquote(part)) for part in parts.path.split("/")]
        found = [part.upper() for part in segments if _ACCESSION.fullmatch(part)]
        return found[0] if own and found else None

    async def search(self, query: str, *, limit: int, page: int, timeout_seconds: float) -> Hits:
        """One page of hits; an accession, DOI or page address finds its entry alone."""
        if accession := self.recognise(query):
            try:
                dataset = await self.get(accession, timeout_seconds=timeout_seconds)
            except DatasetNotFound:
                return Hits(archive=self.name, datasets=(), total=0)
            return Hits(archive=self.name, datasets=(dataset,) if page == 1 else (), total=1)
        parameters: dict[str, str | int] = {"pageSize": min(limit, LARGEST_PAGE), "page": page}
        if words := lucene(query):
            parameters["query"] = words
        url = f"{self._api}/{self._collection}/search?{urlencode(parameters)}"
        async with Transport() as transport:
            answer = await transport.json(url, deadline_seconds=timeout_seconds)
        hits = pagetab.parse_search(answer, self.name, self.title, self._landing)
        return Hits(
            archive=self.name, datasets=hits.datasets[:limit], total=hits.total, is_total_exact=hits.is_total_exact
        )

    async def get(self, accession: str, *, timeout_seconds: float) -> Dataset:
        """The entry's page tab together with its `/info`."""
        async with Transport() as transport:
            record, info = await self._record_and_info(transport, accession, timeout_seconds)
        return pagetab.parse_record(record, info, self.name, self.title, self._landing)

    async def files(self, accession: str, *, timeout_seconds: float) -> Listing:
        """Files written in the page tab and those of its file lists, each once."""
        async with Transport() as transport:
            record, info = await self._record_and_info(transport, accession, timeout_seconds)
            base = self._file_base(accession, info)
            answers = await asyncio.gather(
                *(
                    self._file_list(transport, accession, name, base, timeout_seconds)
                    for name in pagetab.file_list_names(record)
                )
            )
        found = {file.name: file for file in pagetab.inline_files(record, base)}
        notices = []
        for answer in answers:
            if isinstance(answer, ArchiveNotice):
                notices.append(answer)
            else:
                found |= {file.name: file for file in answer}
        return Listing(tuple(found.values()), tuple(notices))

    async def _file_list(
        self, transport: Transport, accession: str, name: str, base: str, seconds: float
    ) -> tuple[File, ...] | ArchiveNotice:
        url = f"{self._root}/files/{quote(accession)}/{pagetab.encode_path(name)}"
        try:
            answer = await transport.json(url, deadline_seconds=seconds, limit_bytes=512 * 2**20)
        except (ArchiveUnavailable, AnswerNotUnderstood) as error:
            message = f"The file list {name!r} of {accession} cannot be read, its files are missing here: {error}"
            return ArchiveNotice(archive=self.name, message=message, at=datetime.now(UTC), accession=accession)
        return pagetab.parse_file_list(answer, base)

    def _file_base(self, accession: str, info: Mapping[str, object]) -> str:
        """Where the files are. `/info` says so; it cannot be composed from the accession (old studies)."""
        link = info.get("httpLink")
        if isinstance(link, str) and link.startswith(("https://", "http://")):
            return link.rstrip("/") + "/Files/"
        return f"{self._root}/files/{quote(accession)}/"

    async def _record_and_info(
        self, transport: Transport, accession: str, seconds: float
    ) -> tuple[object, Mapping[str, object]]:
        record, info = await asyncio.gather(
            self._record(transport, accession, seconds), self._info(transport, accession, seconds)
        )
        return record, info

    async def _info(self, transport: Transport, accession: str, seconds: float) -> Mapping[str, object]:
        # Of an unknown accession it is 200 with {}; the record tells that, so faults here are left to it.
        try:
            answer = await transport.json(f"{self._api}/studies/{quote(accession)}/info", deadline_seconds=seconds)
        except (ArchiveUnavailable, AnswerNotUnderstood):
            return {}
        return answer if isinstance(answer, Mapping) else {}

    async def _record(self, transport: Transport, accession: str, seconds: float) -> object:
        """The page tab, in any of the three forms the server answers: itself (perhaps after a redirect), a link, or
        a string inside the answer."""
        try:
            answer = await transport.json(f"{self._api}/studies/{quote(accession)}", deadline_seconds=seconds)
            if isinstance(answer, Mapping) and isinstance(inside := answer.get("pageTab"), str | Mapping):
                return pagetab.inner_document(inside)
            if isinstance(answer, Mapping) and isinstance(link := answer.get("ftpHttp_link"), str):
                where = f"{link.rstrip('/')}/{quote(accession)}.json"
                return await transport.json(where, deadline_seconds=seconds)
        except StatusError as error:
            if error.status in (401, 403):
                raise DatasetNotFound(f"{accession} is not public in the {self.title}.") from error
            if error.status in (404, 410):
                raise DatasetNotFound(
                    f"The {self.title} has no entry {accession}. Check the accession, or search by words."
                ) from error
            raise
        return answer


def lucene(words: str) -> str:
    """The user's words as a Lucene query that means just these words.

    `"…"` stays a phrase; whatever holds a slash or is a DOI becomes one; all other signs are escaped.
    """
    parts = re.findall(r'"[^"]*"|[^\s"]+', words)
    return " ".join(part for part in map(_term, parts) if part)


def _term(part: str) -> str:
    if doi := bare_doi(part):
        return f'"{doi}"'
    text = part.strip('"').strip()
    if part.startswith('"') or "/" in part:
        inner = re.sub(r'(["\\])', r"\\\1", text)
        return f'"{inner}"' if inner else ""
    return text.lower() if text in _OPERATORS else _LUCENE.sub(r"\\\1", text)
