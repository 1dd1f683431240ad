"""The BioImage Archive against a server that speaks its API, in all its forms."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.archives.bioimage_archive import BioImageArchive, lucene
from lifedesk_catalogue.errors import AnswerNotUnderstood, ArchiveUnavailable, DatasetNotFound
from lifedesk_catalogue.settings import BioImageArchiveSettings
from tests.support.archive_server import ArchiveServer

RECORDINGS = Path(__file__).parents[2] / "recordings" / "biostudies"


@pytest.fixture
def recorded(archive: ArchiveServer) -> ArchiveServer:
    shutil.copytree(RECORDINGS, archive.folder, dirs_exist_ok=True)
    return archive


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("cell nuclei", "cell nuclei"),
        ('"cell nuclei" mouse', '"cell nuclei" mouse'),
        ("10.6019/S-BIAD15", '"10.6019/S-BIAD15"'),
        ("https://doi.org/10.6019/S-BIAD15", '"10.6019/S-BIAD15"'),
        ("and/or", '"and/or"'),
        ("GFP+ (mouse) brain*", r"GFP\+ \(mouse\) brain\*"),
        ("NOT this AND that", "not this and that"),
        ("title:x", r"title\:x"),
        ('unbalanced "quote', "unbalanced quote"),
        ("", ""),
        ('""', ""),
    ],
)
def test_words_of_the_user_stay_words(words: str, query: str) -> None:
    assert lucene(words) == query


@pytest.mark.parametrize(
    ("text", "accession"),
    [
        ("S-BIAD15", "S-BIAD15"),
        (" s-biad15 ", "S-BIAD15"),
        ("10.6019/S-BIAD15", "S-BIAD15"),
        ("https://doi.org/10.6019/s-biad15", "S-BIAD15"),
        ("https://www.ebi.ac.uk/biostudies/BioImages/studies/S-BIAD15?query=x", "S-BIAD15"),
        ("https://www.ebi.ac.uk/bioimage-archive/galleries/S-BIAD15.html", "S-BIAD15"),
        ("https://example.org/studies/S-BIAD15", None),
        ("10.1000/S-BIAD15", None),
        ("nuclei", None),
    ],
)
def test_accession_is_recognised_in_what_people_paste(text: str, accession: str | None) -> None:
    assert BioImageArchive(BioImageArchiveSettings()).recognise(text) == accession


@pytest.mark.parametrize("form", ["redirect", "link", "document", "string"])
def test_record_is_read_in_every_form_the_server_gives(recorded: ArchiveServer, form: str) -> None:
    recorded.record_form = form
    dataset = catalogue.get("S-BIAD90001")
    assert dataset.licence.spdx == "CC-BY-4.0"
    assert dataset.file_count == 6


def test_search_asks_for_escaped_words_and_at_most_a_hundred(recorded: ArchiveServer) -> None:
    (hits,) = catalogue.search("zebrafish", limit=250)
    assert isinstance(hits, catalogue.Hits)
    assert [dataset.accession for dataset in hits.datasets] == ["S-BIAD90001"]
    assert recorded.asked("/search")[0].query == {"pageSize": ["100"], "page": ["1"], "query": ["zebrafish"]}
    assert recorded.asked("/search")[0].path == "/api/v1/BioImages/search"


def test_empty_query_sends_none_and_a_fruitless_one_finds_nothing(recorded: ArchiveServer) -> None:
    (everything,) = catalogue.search("")
    (nothing,) = catalogue.search("okapi")
    assert isinstance(everything, catalogue.Hits)
    assert isinstance(nothing, catalogue.Hits)
    assert (everything.total, nothing.total, nothing.datasets) == (2, 0, ())
    assert "query" not in recorded.asked("/search")[0].query


def test_pasted_address_goes_straight_to_the_entry(recorded: ArchiveServer) -> None:
    (hits,) = catalogue.search(f"{recorded.address}/studies/S-BIAD90001")
    assert isinstance(hits, catalogue.Hits)
    assert [dataset.is_summary for dataset in hits.datasets] == [False]
    assert not recorded.asked("/search")


def test_files_come_from_page_tab_and_lists_below_the_place_info_names(recorded: ArchiveServer) -> None:
    files = catalogue.list_files(catalogue.get("S-BIAD90001"))
    assert [file.name for file in files] == [
        "readme, first.txt",
        "notes/a+b #1.txt",
        "images/plane 1.tif",
        "images/plane 2.tif",
        "whole.ome.zarr",
        "images/plane 3.tif",
    ]
    assert files[2].url == f"{recorded.address}/fire/S-BIAD90001/Files/images/plane%201.tif"


def test_info_that_is_missing_or_broken_leaves_the_archives_own_file_address(recorded: ArchiveServer) -> None:
    recorded.fault("html", "/info", times=0)
    files = catalogue.list_files(catalogue.get("S-BIAD90001"))
    assert files[0].url == f"{recorded.address}/files/S-BIAD90001/readme%2C%20first.txt"


def test_unreadable_file_list_is_named_beside_the_other_files(recorded: ArchiveServer) -> None:
    recorded.fault("html", "images.json", times=0)
    plan = catalogue.plan_pull("S-BIAD90001", ["readme*"])
    assert [file.name for file in plan.files] == ["readme, first.txt"]
    assert "The file list 'images.json' of S-BIAD90001 cannot be read" in plan.warnings[0]


def test_unknown_accession_is_not_found(recorded: ArchiveServer) -> None:
    with pytest.raises(DatasetNotFound, match=r"has no entry S-BIAD99999. Check the accession, or search by words"):
        catalogue.get("S-BIAD99999")
    with pytest.raises(LookupError, match=r"is not an accession, a DOI or a page of BioImage Archive"):
        catalogue.get("no such thing")


def test_entry_that_is_not_public_says_so(recorded: ArchiveServer) -> None:
    recorded.fault("status", "/studies/", status=403, times=0)
    with pytest.raises(DatasetNotFound, match=r"S-BIAD90001 is not public"):
        catalogue.get("S-BIAD90001")


def test_web_page_instead_of_data_is_told_apart(recorded: ArchiveServer) -> None:
    recorded.fault("html", "/studies/S-BIAD90001", times=0)
    with pytest.raises(AnswerNotUnderstood, match=r"sent a web page where data was expected .* Try again later"):
        catalogue.get("S-BIAD90001")


def test_passing_fault_is_tried_again(recorded: ArchiveServer) -> None:
    recorded.fault("status", "/studies/S-BIAD90001", status=503, times=1)
    assert catalogue.get("S-BIAD90001").accession == "S-BIAD90001"


def test_request_to_come_back_much_later_is_reported_at_once(recorded: ArchiveServer) -> None:
    recorded.fault("status", "/studies/S-BIAD90001", status=429, retry_after="3600", times=0)
    with pytest.raises(ArchiveUnavailable, match=r"gets too many requests \(HTTP 429\).* come back in 60 min"):
        catalogue.get("S-BIAD90001")
    assert len([each for each in recorded.asked("/studies/S-BIAD90001") if "info" not in each.path]) == 1


def test_redirect_to_another_host_is_followed(recorded: ArchiveServer) -> None:
    other = recorded.address.replace("127.0.0.1", "localhost")
    recorded.fault("redirect", "/api/v1/studies/S-BIAD90001", to=other, times=1)
    assert catalogue.get("S-BIAD90001").accession == "S-BIAD90001"


def test_real_records_are_searched_and_read_through_the_server(archive: ArchiveServer, samples: Path) -> None:
    for path in (samples / "biostudies").glob("S-*.json"):
        if "_override" not in path.name:
            shutil.copy(path, archive.folder)
    (hits,) = catalogue.search("nuclei", limit=50)
    assert isinstance(hits, catalogue.Hits)
    assert {"S-BIAD1492", "S-BIAD1043"} <= {dataset.accession for dataset in hits.datasets}
    for dataset in hits.datasets:
        assert catalogue.get(dataset.accession).title == dataset.title
