"""One data set in full: what the archive says, its files, and which of them to take along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict
from urllib.parse import urlsplit

from lifedesk_catalogue.model import Dataset, File
from lifedesk_catalogue.text import size_text
from lifedesk_catalogue.widgets.found import LicenceView, authors_text, dataset_key, licence_view

ROWS = 200
"""More files than this are not listed at once; the filter finds them, and choosing all means all."""


class FactView(TypedDict):
    """A label and what stands beside it."""

    label: str
    text: str


class LinkView(TypedDict):
    """An address that leaves the session."""

    label: str
    address: str


class FileView(TypedDict):
    """One line of the file list."""

    name: str
    size: str
    is_chosen: bool


class FilesView(TypedDict):
    """The file list, and what is chosen in it."""

    rows: list[FileView]
    filter: str
    note: str
    summary: str
    room: str
    is_too_big: bool
    can_pull: bool


class DetailsView(TypedDict):
    """Everything shown of the selected data set."""

    key: str
    title: str
    is_loading: bool
    problem: str
    description: str
    licence: LicenceView
    facts: list[FactView]
    citation: str
    links: list[LinkView]
    files: FilesView | None
    can_open_in_place: bool


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The selected data set. Values only: the functions below give the next one."""

    dataset: Dataset
    files: tuple[File, ...] | None = None
    """None until the archive has listed them."""
    chosen: frozenset[str] = frozenset()
    filter: str = ""
    problem: str = ""
    free_bytes: int | None = None

    @property
    def key(self) -> str:
        """What names the data set among all archives."""
        return dataset_key(self.dataset)

    @property
    def is_loading(self) -> bool:
        """Whether the archive is still to answer."""
        return self.files is None and not self.problem

    @property
    def listed(self) -> tuple[File, ...]:
        """The files that pass the filter."""
        wanted = self.filter.casefold()
        return tuple(file for file in self.files or () if wanted in file.name.casefold())

    @property
    def chosen_files(self) -> tuple[File, ...]:
        """The files to pull, in the archive's order."""
        return tuple(file for file in self.files or () if file.name in self.chosen)


def with_files(selection: Selection, dataset: Dataset, files: Sequence[File], free_bytes: int) -> Selection:
    """The selection once the archive has told everything; at first every file is chosen."""
    names = frozenset(file.name for file in files)
    return replace(selection, dataset=dataset, files=tuple(files), chosen=names, free_bytes=free_bytes)


def with_problem(selection: Selection, sentence: str) -> Selection:
    """The selection when the archive could not tell more, and why."""
    return replace(selection, problem=sentence)


def with_filter(selection: Selection, text: str) -> Selection:
    """The selection with only those files listed whose name contains `text`."""
    return replace(selection, filter=text.strip())


def with_choice(selection: Selection, names: Sequence[str], *, is_chosen: bool) -> Selection:
    """The selection with these files taken along, or not; names that are no files of it change nothing."""
    known = {file.name for file in selection.files or ()} & set(names)
    return replace(selection, chosen=selection.chosen | known if is_chosen else selection.chosen - known)


def details_view(selection: Selection, titles: Mapping[str, str]) -> DetailsView:
    """What is shown of the selection; `titles` are the archives' full names."""
    dataset = selection.dataset
    return {
        "key": selection.key,
        "title": dataset.title or dataset.accession,
        "is_loading": selection.is_loading,
        "problem": selection.problem,
        "description": dataset.description,
        "licence": licence_view(dataset),
        "facts": _facts(dataset, titles),
        "citation": dataset.citation,
        "links": _links(dataset),
        "files": None if selection.files is None else _files(selection),
        "can_open_in_place": dataset.archive == "site" and bool(selection.files),
    }


def web_address(text: str | None) -> str | None:
    """`text` if it is a web address that is safe to link to, else None."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.hostname and not parts.username else None


def _facts(dataset: Dataset, titles: Mapping[str, str]) -> list[FactView]:
    size = "" if dataset.size_bytes is None else size_text(dataset.size_bytes)
    count = "" if dataset.file_count is None else f"{dataset.file_count} file{'s' if dataset.file_count != 1 else ''}"
    facts = {
        "Archive": f"{titles.get(dataset.archive, dataset.archive)}, {dataset.accession}",
        "Authors": authors_text(dataset.authors),
        "Released": dataset.released.isoformat() if dataset.released else "",
        "Organism": ", ".join(dataset.organism),
        "Method": ", ".join(dataset.methods),
        "Size": ", ".join(filter(None, (size, count))),
        "Keywords": ", ".join(dataset.keywords),
    }
    return [{"label": label, "text": text} for label, text in facts.items() if text]


def _links(dataset: Dataset) -> list[LinkView]:
    links: list[LinkView] = []
    if dataset.doi and (address := web_address(f"https://doi.org/{dataset.doi}")):
        links.append({"label": f"DOI {dataset.doi}", "address": address})
    if page := web_address(dataset.landing_page):
        links.append({"label": "Page in the archive", "address": page})
    if terms := web_address(dataset.licence.url):
        links.append({"label": "Licence text", "address": terms})
    return links


def _files(selection: Selection) -> FilesView:
    listed, chosen = selection.listed, selection.chosen_files
    total = len(selection.files or ())
    hidden = len(listed) - ROWS
    note = f"{hidden} more files are not listed; filter by name to find them." if hidden > 0 else ""
    if not listed:
        note = "No file has this in its name." if selection.filter else "The archive lists no files for this entry."
    known = sum(file.size_bytes or 0 for file in chosen)
    unknown = sum(file.size_bytes is None for file in chosen)
    free = selection.free_bytes
    is_too_big = free is not None and known > free
    return {
        "rows": [
            {"name": file.name, "size": _shown_size(file), "is_chosen": file.name in selection.chosen}
            for file in listed[:ROWS]
        ],
        "filter": selection.filter,
        "note": note,
        "summary": f"{len(chosen)} of {total} file{'s' if total != 1 else ''}, {_amount(known, unknown)}",
        "room": "" if free is None else f"{size_text(free)} free" + (": not enough room" if is_too_big else ""),
        "is_too_big": is_too_big,
        "can_pull": bool(chosen) and not is_too_big,
    }


def _shown_size(file: File) -> str:
    return (
        size_text(file.size_bytes) if file.size_bytes is not None else "folder" if file.is_directory else "size unknown"
    )


def _amount(known_bytes: int, unknown: int) -> str:
    if not unknown:
        return size_text(known_bytes)
    files = f"{unknown} of unknown size"
    return f"{size_text(known_bytes)} and {files}" if known_bytes else files
