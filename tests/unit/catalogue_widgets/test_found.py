"""What the list shows while archives answer, fail, or have more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from lifedesk_catalogue.archives.base import Capabilities
from lifedesk_catalogue.model import ArchiveNotice, Dataset, Hits, Licence
from lifedesk_catalogue.widgets.found import (
    Found,
    authors_text,
    capabilities_text,
    continued,
    ended,
    found_view,
    licence_view,
    started,
    with_part,
)

ARCHIVES = {"site": ("This site", ""), "bioimage-archive": ("BioImage Archive", "")}


def dataset(accession: str, archive: str = "site") -> Dataset:
    return Dataset(archive=archive, accession=accession, title=f"Title of {accession}")


def hits(archive: str, *accessions: str, total: int | None, is_exact: bool = True) -> Hits:
    return Hits(
        archive=archive,
        datasets=tuple(dataset(accession, archive) for accession in accessions),
        total=total,
        is_total_exact=is_exact,
    )


def summary(found: Found) -> str:
    return found_view(found, ARCHIVES, tuple(ARCHIVES))["summary"]


def test_results_appear_while_another_archive_is_still_waited_for() -> None:
    found = with_part(started("nuclei", tuple(ARCHIVES), 20), hits("site", "one", total=1))
    view = found_view(found, ARCHIVES, ("site",))
    assert [row["key"] for row in view["results"]] == ["site/one"]
    assert view["is_searching"]
    assert view["summary"] == "1 of at least 1 data set for “nuclei”. Still searching BioImage Archive …"
    assert [archive["is_chosen"] for archive in view["archives"]] == [True, False]


def test_waiting_for_all_names_them_all() -> None:
    assert summary(started("nuclei", tuple(ARCHIVES), 20)) == "Searching This site and BioImage Archive …"


def test_total_is_exact_only_when_every_archive_tells() -> None:
    found = with_part(started("", tuple(ARCHIVES), 2), hits("site", "a", "b", total=7))
    exact = with_part(found, hits("bioimage-archive", "c", "d", total=90))
    assert summary(exact) == "4 of 97 data sets in all."
    bounded = with_part(found, hits("bioimage-archive", "c", "d", total=90, is_exact=False))
    assert summary(bounded) == "4 of at least 97 data sets in all."


def test_a_slow_archive_is_named_with_the_time_and_hides_nobody() -> None:
    at = datetime(2026, 11, 20, 9, 30, 5, tzinfo=UTC)
    notice = ArchiveNotice(archive="bioimage-archive", message="It did not answer within 20 s.", at=at)
    found = with_part(with_part(started("x", tuple(ARCHIVES), 20), notice), hits("site", "one", total=1))
    view = found_view(found, ARCHIVES, tuple(ARCHIVES))
    assert view["notices"] == [
        {
            "archive": "BioImage Archive",
            "message": "It did not answer within 20 s.",
            "time": at.astimezone().strftime("%H:%M:%S"),
        }
    ]
    assert len(view["results"]) == 1
    assert not view["is_searching"]


def test_nothing_found_says_where_was_looked_and_what_to_try() -> None:
    found = with_part(started("zebra", ("site",), 20), hits("site", total=0))
    assert summary(found) == "No data set found for “zebra” in This site. Try fewer or other words."


def test_nothing_found_does_not_blame_the_words_when_every_archive_failed() -> None:
    notice = ArchiveNotice(archive="site", message="gone", at=datetime.now(UTC))
    assert summary(with_part(started("zebra", ("site",), 20), notice)).startswith("No archive could answer.")


def test_no_archive_chosen_is_said() -> None:
    assert summary(started("x", (), 20)) == "Choose at least one archive, and search."


def test_a_refused_search_shows_the_sentence_and_waits_for_nobody() -> None:
    found = ended(started("x", ("site",), 20), "No archive 'x' is set up here.")
    assert summary(found) == "No archive 'x' is set up here."
    assert not found.is_searching


def test_more_is_asked_only_of_archives_that_have_more() -> None:
    found = with_part(started("", tuple(ARCHIVES), 2), hits("site", "a", "b", total=2))
    found = with_part(found, hits("bioimage-archive", "c", "d", total=5))
    assert found.with_more == ("bioimage-archive",)
    following = continued(found)
    assert following.token is found.token, "the same search goes on"
    assert [name for name, answer in following.answers.items() if answer.is_waited_for] == ["bioimage-archive"]
    assert following.answers["bioimage-archive"].page == 2
    last = with_part(following, hits("bioimage-archive", "e", "f", total=5))
    assert len(last.datasets) == 6
    assert last.with_more == ("bioimage-archive",)


def test_more_stops_when_a_page_comes_back_empty() -> None:
    found = with_part(started("", ("site",), 2), hits("site", "a", "b", total=None))
    assert found.with_more == ("site",)
    assert with_part(continued(found), hits("site", total=None)).with_more == ()


def test_licence_states_are_told_apart() -> None:
    plain = dataset("a")
    known = licence_view(replace(plain, licence=Licence(raw="CC0", spdx="CC0-1.0")))
    unclear = licence_view(replace(plain, licence=Licence(raw="free for academics")))
    unstated = licence_view(replace(plain, licence=Licence()))
    untold = licence_view(replace(plain, licence=Licence(), is_summary=True))
    states = [view["state"] for view in (known, unclear, unstated, untold)]
    assert states == ["known", "unclear", "not-stated", "not-told"]
    assert known["text"] == "CC0-1.0"
    assert unclear["text"] == "free for academics"
    assert "ask before reuse" in unstated["explanation"]


def test_long_author_lists_are_cut_with_the_count() -> None:
    assert authors_text(["A", "B", "C"]) == "A, B, C"
    assert authors_text(["A", "B", "C", "D", "E"]) == "A, B, C and 2 more"


def test_a_row_shows_what_the_archive_said_and_nothing_it_did_not() -> None:
    whole = Dataset(archive="site", accession="a", title="T", size_bytes=1_400_000, released=date(2024, 5, 6))
    found = with_part(started("", ("site",), 2), Hits(archive="site", datasets=(whole, dataset("b")), total=2))
    first, second = found_view(found, ARCHIVES, ("site",))["results"]
    assert (first["size"], first["released"]) == ("1.4 MB", "2024-05-06")
    assert (second["size"], second["released"], second["authors"]) == ("", "", "")


def test_capabilities_are_told_in_words() -> None:
    able = Capabilities(free_text=True, totals=False, checksums=True, ranges=False, thumbnails=False)
    assert capabilities_text(able) == "searches by words, publishes checksums"
