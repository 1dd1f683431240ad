"""Which files of a data set are listed and chosen, and what is linked to."""

from __future__ import annotations

import pytest

from lifedesk_catalogue.model import Dataset, File, Licence
from lifedesk_catalogue.widgets.details import (
    ROWS,
    FilesView,
    Selection,
    details_view,
    web_address,
    with_choice,
    with_files,
    with_filter,
    with_problem,
)

DATASET = Dataset(archive="site", accession="a", title="T", doi="10.1234/x", landing_page="javascript:alert(1)")


def selection(*files: File, free_bytes: int = 10_000) -> Selection:
    return with_files(Selection(dataset=DATASET), DATASET, files, free_bytes)


def file(name: str, size_bytes: int | None = 1000) -> File:
    return File(name=name, url=f"https://example.org/{name}", size_bytes=size_bytes)


def files_view(chosen: Selection) -> FilesView:
    view = details_view(chosen, {"site": "This site"})["files"]
    assert view is not None
    return view


def test_every_file_is_chosen_at_first() -> None:
    view = files_view(selection(file("a.tif"), file("b.tif")))
    assert view["summary"] == "2 of 2 files, 2.0 kB"
    assert view["room"] == "10.0 kB free"
    assert view["can_pull"]


def test_unknown_sizes_are_counted_not_guessed() -> None:
    assert files_view(selection(file("a"), file("b", None)))["summary"] == "2 of 2 files, 1.0 kB and 1 of unknown size"
    assert files_view(selection(file("b", None)))["summary"] == "1 of 1 file, 1 of unknown size"


def test_choosing_more_than_fits_is_said_and_cannot_be_pulled() -> None:
    view = files_view(selection(file("a", 20_000)))
    assert view["room"] == "10.0 kB free: not enough room"
    assert (view["is_too_big"], view["can_pull"]) == (True, False)


def test_nothing_chosen_cannot_be_pulled() -> None:
    chosen = selection(file("a"))
    assert not files_view(with_choice(chosen, ["a"], is_chosen=False))["can_pull"]


def test_filter_ignores_case_and_choosing_all_of_it_leaves_the_rest() -> None:
    none = with_choice(selection(file("A.TIF"), file("b.csv")), ["A.TIF", "b.csv"], is_chosen=False)
    filtered = with_filter(none, " tif ")
    assert [row["name"] for row in files_view(filtered)["rows"]] == ["A.TIF"]
    chosen = with_choice(filtered, [listed.name for listed in filtered.listed], is_chosen=True)
    assert [each.name for each in chosen.chosen_files] == ["A.TIF"]


def test_a_filter_that_matches_nothing_says_so() -> None:
    assert files_view(with_filter(selection(file("a")), "zzz"))["note"] == "No file has this in its name."


def test_a_name_that_is_no_file_of_the_data_set_changes_nothing() -> None:
    before = selection(file("a"))
    assert with_choice(before, ["../../etc/passwd"], is_chosen=True).chosen == before.chosen


def test_long_lists_are_cut_with_the_count_but_chosen_whole() -> None:
    view = files_view(selection(*(file(f"{number}.tif", 1) for number in range(ROWS + 5))))
    assert len(view["rows"]) == ROWS
    assert view["note"] == "5 more files are not listed; filter by name to find them."
    assert view["summary"].startswith(f"{ROWS + 5} of {ROWS + 5} files")


def test_details_wait_for_the_archive_and_stop_waiting_when_it_fails() -> None:
    waiting = Selection(dataset=DATASET)
    assert details_view(waiting, {})["is_loading"]
    view = details_view(with_problem(waiting, "The archive did not answer."), {})
    assert (view["is_loading"], view["problem"]) == (False, "The archive did not answer.")


def test_only_web_addresses_become_links() -> None:
    links = details_view(Selection(dataset=DATASET), {})["links"]
    assert [link["address"] for link in links] == ["https://doi.org/10.1234/x"]


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "file:///etc/passwd", "https://", "https://me:secret@host/", "http://[", "", None]
)
def test_addresses_that_are_not_safe_to_link_to_are_left_out(text: str | None) -> None:
    assert web_address(text) is None


def test_licence_of_an_unclear_kind_is_shown_in_the_archives_words() -> None:
    dataset = Dataset(archive="site", accession="a", title="T", licence=Licence(raw="ask us"))
    view = details_view(Selection(dataset=dataset), {})
    assert (view["licence"]["state"], view["licence"]["text"]) == ("unclear", "ask us")


def test_only_the_sites_own_data_is_offered_for_opening_in_place() -> None:
    remote = Dataset(archive="bioimage-archive", accession="a", title="T")
    assert details_view(selection(file("a")), {})["can_open_in_place"]
    assert not details_view(with_files(Selection(dataset=remote), remote, [file("a")], 1), {})["can_open_in_place"]
