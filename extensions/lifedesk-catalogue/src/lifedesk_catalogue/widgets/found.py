"""What a search has found so far, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict

from lifedesk_catalogue.archives.base import Capabilities
from lifedesk_catalogue.model import ArchiveNotice, Dataset, Hits
from lifedesk_catalogue.text import size_text

AUTHORS_SHOWN = 3


class LicenceView(TypedDict):
    """A licence as shown: `unclear` means the archive's words name no known licence, `not-told` that its search answers
    leave the licence out."""

    text: str
    state: Literal["known", "unclear", "not-stated", "not-told"]
    explanation: str


class ResultView(TypedDict):
    """One line of the result list."""

    key: str
    title: str
    archive: str
    accession: str
    authors: str
    released: str
    size: str
    licence: LicenceView


class NoticeView(TypedDict):
    """Something an archive could not do."""

    archive: str
    message: str
    time: str


class ArchiveView(TypedDict):
    """An archive to search in, or not."""

    name: str
    title: str
    is_chosen: bool
    hint: str


class FoundView(TypedDict):
    """The search form and the list."""

    query: str
    archives: list[ArchiveView]
    is_searching: bool
    summary: str
    results: list[ResultView]
    notices: list[NoticeView]
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How far one archive is with a search."""

    page: int = 1
    is_waited_for: bool = True
    is_failed: bool = False
    shown: int = 0
    total: int | None = None
    is_total_exact: bool = True
    last_part: int = 0
    """Results in the latest page."""

    def has_more(self, limit: int) -> bool:
        """Whether asking for the next page is worth it."""
        if self.is_waited_for or self.is_failed or self.last_part == 0:
            return False
        if self.total is not None and self.is_total_exact:
            return self.shown < self.total
        return self.last_part >= limit


@dataclass(frozen=True, kw_only=True)
class Found:
    """A search and its results so far. Values only: the functions below give the next one."""

    query: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    notices: tuple[ArchiveNotice, ...] = ()
    limit: int = 20
    refusal: str | None = None
    """Why the search could not even start."""
    token: object = field(default_factory=object)
    """The same for all states of one search, another for the next search."""

    @property
    def is_searching(self) -> bool:
        """Whether an archive is still expected to answer."""
        return any(answer.is_waited_for for answer in self.answers.values())

    @property
    def with_more(self) -> tuple[str, ...]:
        """The archives that have further results."""
        return tuple(name for name, answer in self.answers.items() if answer.has_more(self.limit))


def dataset_key(dataset: Dataset) -> str:
    """What names a data set among all archives."""
    return f"{dataset.archive}/{dataset.accession}"


def started(query: str, archives: Sequence[str], limit: int) -> Found:
    """A search that has just been sent off."""
    return Found(query=query, answers={name: Answer() for name in archives}, limit=limit)


def continued(found: Found) -> Found:
    """The same search, with the next page asked of every archive that has one."""
    waiting = {
        name: replace(found.answers[name], page=found.answers[name].page + 1, is_waited_for=True)
        for name in found.with_more
    }
    return replace(found, answers={**found.answers, **waiting})


def with_part(found: Found, part: Hits | ArchiveNotice) -> Found:
    """The search after one archive has answered, or has failed to."""
    before = found.answers.get(part.archive, Answer())
    if isinstance(part, ArchiveNotice):
        after = replace(before, is_waited_for=False, is_failed=True)
        return replace(found, answers={**found.answers, part.archive: after}, notices=(*found.notices, part))
    new = {dataset_key(dataset): dataset for dataset in part.datasets}
    after = replace(
        before,
        is_waited_for=False,
        shown=before.shown + len(part.datasets),
        total=part.total,
        is_total_exact=part.is_total_exact,
        last_part=len(part.datasets),
    )
    return replace(
        found,
        answers={**found.answers, part.archive: after},
        datasets={**found.datasets, **new},
        notices=(*found.notices, *part.notices),
    )


def ended(found: Found, refusal: str | None = None) -> Found:
    """The search when nothing more will come; `refusal` says why, if it was not allowed to happen."""
    answers = {name: replace(answer, is_waited_for=False) for name, answer in found.answers.items()}
    return replace(found, answers=answers, refusal=refusal)


def capabilities_text(capabilities: Capabilities) -> str:
    """What an archive can do, for the hint beside its name."""
    can = {
        "searches by words": capabilities.free_text,
        "tells how many match": capabilities.totals,
        "publishes checksums": capabilities.checksums,
        "interrupted pulls continue": capabilities.ranges,
        "has pictures": capabilities.thumbnails,
    }
    return ", ".join(words for words, is_so in can.items() if is_so)


def found_view(found: Found, archives: Mapping[str, tuple[str, str]], chosen: Sequence[str]) -> FoundView:
    """Everything the search form and the list show; `archives` maps a name to its title and a hint."""
    titles = {name: title for name, (title, _) in archives.items()}
    return {
        "query": found.query,
        "archives": [
            {"name": name, "title": title, "is_chosen": name in chosen, "hint": hint}
            for name, (title, hint) in archives.items()
        ],
        "is_searching": found.is_searching,
        "summary": _summary(found, titles),
        "results": [_result(dataset, titles) for dataset in found.datasets.values()],
        "notices": [notice_view(notice, titles) for notice in found.notices],
        "has_more": bool(found.with_more),
    }


def notice_view(notice: ArchiveNotice, titles: Mapping[str, str]) -> NoticeView:
    """A notice as shown, with the time in the kernel's time zone."""
    return {
        "archive": titles.get(notice.archive, notice.archive),
        "message": notice.message,
        "time": notice.at.astimezone().strftime("%H:%M:%S"),
    }


def licence_view(dataset: Dataset) -> LicenceView:
    """Its licence as shown. Not stated and not recognised are two things, and neither is permission."""
    licence = dataset.licence
    if licence.known:
        return {"text": str(licence), "state": "known", "explanation": f"Licence {licence}"}
    if licence.raw:
        return {
            "text": licence.raw,
            "state": "unclear",
            "explanation": f"The archive writes {licence.raw!r}, which is no licence known here: read it before reuse",
        }
    if dataset.is_summary:
        return {
            "text": "licence: see the details",
            "state": "not-told",
            "explanation": "The archive tells the licence only with the details: select the data set to see it",
        }
    return {
        "text": "licence not stated",
        "state": "not-stated",
        "explanation": "The archive states no licence: ask before reuse",
    }


def authors_text(authors: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(authors) - AUTHORS_SHOWN
    return ", ".join(authors[:AUTHORS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _result(dataset: Dataset, titles: Mapping[str, str]) -> ResultView:
    return {
        "key": dataset_key(dataset),
        "title": dataset.title or dataset.accession,
        "archive": titles.get(dataset.archive, dataset.archive),
        "accession": dataset.accession,
        "authors": authors_text(dataset.authors),
        "released": dataset.released.isoformat() if dataset.released else "",
        "size": size_text(dataset.size_bytes) if dataset.size_bytes is not None else "",
        "licence": licence_view(dataset),
    }


def _summary(found: Found, titles: Mapping[str, str]) -> str:
    if found.refusal:
        return found.refusal
    if not found.answers:
        return "Choose at least one archive, and search."
    waiting = [titles.get(name, name) for name, answer in found.answers.items() if answer.is_waited_for]
    shown = len(found.datasets)
    what = f"for “{found.query}”" if found.query else "in all"
    if waiting and not shown:
        return f"Searching {_listed(waiting)} …"
    if not shown:
        return _nothing(found, titles, what)
    totals = [answer.total for answer in found.answers.values() if answer.total is not None]
    is_exact = len(totals) == len(found.answers) and all(answer.is_total_exact for answer in found.answers.values())
    matched = max(sum(totals), shown)
    text = f"{shown} of {'' if is_exact else 'at least '}{matched} data set{'s' if matched != 1 else ''} {what}."
    return f"{text} Still searching {_listed(waiting)} …" if waiting else text


def _nothing(found: Found, titles: Mapping[str, str], what: str) -> str:
    failed = [titles.get(name, name) for name, answer in found.answers.items() if answer.is_failed]
    if len(failed) == len(found.answers):
        return "No archive could answer. What went wrong is written below; search again in a while."
    answered = [titles.get(name, name) for name, answer in found.answers.items() if not answer.is_failed]
    advice = "Try fewer or other words." if found.query else "There is nothing there yet."
    return f"No data set found {what} in {_listed(answered)}. {advice}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))
