"""A pull in words, at each of its stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from lifedesk_catalogue.model import Dataset, File
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.pull import Pulled
from lifedesk_catalogue.widgets.pulling import PullStage, pull_view

PLAN = Plan(
    dataset=Dataset(archive="site", accession="a", title="T"),
    into=Path("/home/jovyan/data/site/a"),
    files=(File(name="a.tif", url="file:///data/site/a/a.tif", size_bytes=4000),),
    complete=frozenset(),
    free_bytes=10_000,
    warnings=("The archive states no licence.",),
)
HALF = Progress(
    state="transferring",
    files_done=1,
    files_total=3,
    bytes_done=2_000_000,
    bytes_total=4_000_000,
    bytes_per_second=500_000,
    eta_seconds=4,
)
PLANNED = PullStage(key="site/a", plan=PLAN)


def test_before_a_pull_there_is_only_the_button() -> None:
    view = pull_view(None)
    assert (view["action"], view["headline"], view["is_running"]) == ("Pull", "", False)


def test_planning_can_be_cancelled() -> None:
    view = pull_view(PullStage(key="site/a"))
    assert (view["action"], view["is_running"], view["fraction"]) == ("Cancel", True, None)


def test_running_shows_bytes_files_rate_time_left_and_the_warnings() -> None:
    view = pull_view(replace(PLANNED, progress=HALF))
    assert view["fraction"] == 0.5
    assert view["headline"] == "Pulling into /home/jovyan/data/site/a"
    assert view["lines"] == ["2.0 MB of 4.0 MB, 1 of 3 files, 500 kB/s, 4 s left", "The archive states no licence."]


def test_unknown_totals_are_left_out_rather_than_guessed() -> None:
    view = pull_view(replace(PLANNED, progress=replace(HALF, bytes_total=None, eta_seconds=None)))
    assert view["fraction"] is None
    assert view["lines"][0] == "2.0 MB, 1 of 3 files, 500 kB/s"


def test_retrying_gives_the_reason() -> None:
    waiting = replace(HALF, state="retrying", message="example.org went silent. Trying again in 2 s.")
    view = pull_view(replace(PLANNED, progress=waiting))
    assert view["headline"] == "Waiting, then trying again"
    assert "example.org went silent. Trying again in 2 s." in view["lines"]
    assert view["announcement"] == "example.org went silent. Trying again in 2 s."


def test_a_screen_reader_hears_quarters() -> None:
    heard = {
        pull_view(replace(PLANNED, progress=replace(HALF, bytes_done=done * 40_000)))["announcement"]
        for done in range(100)
    }
    assert heard == {"0 percent pulled", "25 percent pulled", "50 percent pulled", "75 percent pulled"}


def test_stopping_offers_no_second_cancel() -> None:
    view = pull_view(replace(PLANNED, progress=HALF, is_stopping=True))
    assert (view["headline"], view["action"], view["is_running"]) == ("Stopping …", "", True)


def test_stopped_says_what_is_kept_and_offers_to_resume() -> None:
    view = pull_view(replace(PLANNED, progress=HALF, is_stopping=True, is_cancelled=True))
    assert view["headline"] == "Stopped. 2.0 MB of 4.0 MB are kept, and pulling again goes on there."
    assert (view["action"], view["is_running"], view["is_problem"]) == ("Resume pull", False, False)


def test_a_refusal_before_the_first_byte_offers_to_try_again() -> None:
    view = pull_view(PullStage(key="site/a", problem="12 GB are needed, 3 GB are free. Delete something."))
    assert view["headline"] == "12 GB are needed, 3 GB are free. Delete something."
    assert (view["action"], view["is_problem"], view["lines"]) == ("Try again", True, [])


def test_a_failure_on_the_way_offers_to_resume() -> None:
    view = pull_view(replace(PLANNED, progress=HALF, problem="The disk is full."))
    assert view["action"] == "Resume pull"
    assert view["lines"] == ["What arrived is kept; pulling again goes on there."]
    assert view["fraction"] == 0.5


def test_complete_says_where_it_is_and_how_it_was_checked() -> None:
    pulled = Pulled(
        folder=PLAN.into,
        crate=PLAN.into / "ro-crate-metadata.json",
        files=(PLAN.into / "a.tif",),
        fetched=1,
        fetched_bytes=4000,
        checksum_levels={"published": 0, "size-only": 1},
    )
    view = pull_view(replace(PLANNED, progress=HALF, pulled=pulled))
    assert (view["headline"], view["folder"], view["action"]) == ("Pulled 1 file, 4.0 kB.", str(PLAN.into), "")
    assert view["lines"][0] == "1 file checked by size only, for want of a published checksum."
    assert view["lines"][1] == "Licence, citation and origin are written down in ro-crate-metadata.json."
    again = pull_view(replace(PLANNED, pulled=replace(pulled, fetched=0, fetched_bytes=0)))
    assert again["headline"] == "Everything was here already."


@pytest.mark.parametrize("last", ["cancelled", "failed"])
def test_the_engines_last_word_is_shown_as_stopping_until_the_pull_has_ended(
    last: Literal["cancelled", "failed"],
) -> None:
    view = pull_view(replace(PLANNED, progress=replace(HALF, state=last)))
    assert (view["state"], view["headline"], view["action"], view["is_running"]) == ("stopping", "Stopping …", "", True)
