"""Parsing BioStudies answers, on recordings with every oddity seen in real ones."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from lifedesk_catalogue.archives import pagetab
from lifedesk_catalogue.errors import AnswerNotUnderstood
from lifedesk_catalogue.model import Dataset

RECORDINGS = Path(__file__).parents[2] / "recordings" / "biostudies"
LANDING = "https://archive.example/studies/"


def recorded(name: str) -> object:
    return json.loads((RECORDINGS / name).read_text(encoding="utf-8"))


def record(accession: str, info: object = None) -> Dataset:
    return pagetab.parse_record(recorded(f"{accession}.json"), info, "bioimage-archive", "BioImage Archive", LANDING)


def test_record_with_every_oddity_is_read() -> None:
    dataset = record("S-BIAD90001", recorded("info/S-BIAD90001.json"))
    assert dataset.title == "Invented nuclei of a zebrafish that never swam"
    assert dataset.description == "Two channels & three planes; write to."
    assert dataset.authors == ("Ada Example", "Bo Sample")
    assert (dataset.licence.spdx, dataset.licence.raw) == ("CC-BY-4.0", "CC BY 4.0")
    assert dataset.doi == "10.6019/S-BIAD90001"
    assert dataset.released == date(2025, 3, 14)
    assert dataset.organism == ("Danio rerio",)
    assert dataset.methods == ("light sheet microscopy",)
    assert dataset.keywords == ("nuclei",)
    assert (dataset.file_count, dataset.size_bytes) == (6, None)
    assert dataset.landing_page == "https://archive.example/studies/S-BIAD90001"
    assert dataset.is_summary is False


def test_citation_is_one_sentence() -> None:
    assert record("S-BIAD90001").citation == (
        "Ada Example, Bo Sample (2025). Invented nuclei of a zebrafish that never swam. BioImage Archive, S-BIAD90001. "
        "https://doi.org/10.6019/S-BIAD90001"
    )


def test_no_mail_address_survives_anywhere() -> None:
    assert "@" not in repr(record("S-BIAD90001"))


def test_old_record_without_almost_everything_is_read() -> None:
    dataset = record("S-BIAD90002", {})
    assert dataset.released == date(2012, 1, 1)
    assert (dataset.licence.raw, dataset.licence.known) == ("see the paper", False)
    assert (dataset.doi, dataset.authors, dataset.size_bytes, dataset.file_count) == (None, (), 4096, 1)


def test_hits_are_read_as_plain_text_and_the_total_as_a_lower_bound() -> None:
    hits = pagetab.parse_search(recorded("answers/search.json"), "bioimage-archive", "BioImage Archive", LANDING)
    first, second = hits.datasets
    assert (hits.total, hits.is_total_exact) == (10000, False)
    assert (first.title, first.description) == ("Nuclei of a zebrafish", "nuclei seen")
    assert first.authors == ("Example A", "Sample B")
    assert (second.title, second.released, second.file_count) == ("S-BIAD90002", None, None)
    assert first.is_summary


def test_absent_hits_mean_nothing_was_found() -> None:
    hits = pagetab.parse_search(recorded("answers/nothing.json"), "bioimage-archive", "BioImage Archive", LANDING)
    assert (hits.datasets, hits.total, hits.is_total_exact) == ((), 0, True)


@pytest.mark.parametrize("answer", [[], {}, "no", None, {"errorMessage": "no"}])
def test_answer_without_hits_and_number_is_not_taken_for_an_empty_one(answer: object) -> None:
    with pytest.raises(AnswerNotUnderstood, match="neither hits nor their number"):
        pagetab.parse_search(answer, "a", "A", LANDING)


@pytest.mark.parametrize("answer", [[], {}, {"accno": "S-X1"}, {"accno": "", "section": {}}, None])
def test_what_is_no_page_tab_is_refused(answer: object) -> None:
    with pytest.raises(AnswerNotUnderstood, match="accession or section is missing"):
        pagetab.page_tab(answer)


def test_file_list_passes_over_what_is_no_file() -> None:
    files = pagetab.parse_file_list(recorded("lists/S-BIAD90001/images.json"), "https://h/Files/")
    assert [(file.name, file.size_bytes, file.is_directory) for file in files] == [
        ("images/plane 1.tif", 1000, False),
        ("images/plane 2.tif", 2000, False),
        ("whole.ome.zarr", None, True),
        ("images/plane 3.tif", None, False),
    ]
    assert files[0].url == "https://h/Files/images/plane%201.tif"


def test_files_in_the_page_tab_are_found_in_tables_and_addresses_encoded_by_segment() -> None:
    files = pagetab.inline_files(recorded("S-BIAD90001.json"), "https://h/Files/")
    assert [(file.name, file.size_bytes, file.url) for file in files] == [
        ("readme, first.txt", 12, "https://h/Files/readme%2C%20first.txt"),
        ("notes/a+b #1.txt", 7, "https://h/Files/notes/a%2Bb%20%231.txt"),
    ]


def test_file_list_named_as_table_is_asked_for_as_json_and_once() -> None:
    assert pagetab.file_list_names(recorded("S-BIAD90001.json")) == ("images.json",)


@pytest.mark.parametrize(
    ("accession", "title", "licence", "doi", "authors"),
    [
        ("S-BIAD1492", "Synthetic images and segmentation masks", "CC-BY-3.0", "10.1101/2023.12.07.570699", 5),
        ("S-BIAD15_original", "Meiotic cellular rejuvenation", "CC-BY-4.0", None, 1),
        ("S-BIAD628_original", "Volumetric light-sheet", None, None, None),
        ("S-BIAD1043_original", "HiTIPS", "CC-BY-4.0", None, None),
        ("S-BIAD1076_original", "Image-based and machine", None, None, None),
        ("S-BIAD1344_original", "Multiplex Immunofluorescent", "CC-BY-4.0", "10.6019/S-BIAD1344", None),
        ("S-BSST744_original", "Nano-scale Architecture", None, None, None),
        ("S-BSMS4_original", "Mutational landscape", None, None, None),
        ("S-EPMC3372839", "Polymorphisms of ADORA2A", None, None, 7),
    ],
)
def test_real_records_are_read(
    samples: Path, accession: str, title: str, licence: str | None, doi: str | None, authors: int | None
) -> None:
    document = json.loads((samples / "biostudies" / f"{accession}.json").read_text(encoding="utf-8"))
    dataset = pagetab.parse_record(document, {}, "bioimage-archive", "BioImage Archive", LANDING)
    assert dataset.title.startswith(title)
    assert (dataset.licence.spdx, dataset.doi) == (licence, doi)
    assert dataset.released is not None
    assert dataset.authors
    assert authors is None or len(dataset.authors) == authors
    assert "@" not in " ".join((*dataset.authors, dataset.title, dataset.description))
    assert pagetab.file_list_names(document) or pagetab.inline_files(document, "https://h/")


def test_real_file_list_is_read(samples: Path) -> None:
    answer = json.loads((samples / "biostudies" / "S-BIAD1492-file-list-images.json").read_text(encoding="utf-8"))
    files = pagetab.parse_file_list(answer, "https://h/")
    assert files[0].name == "BBBC024/BBBC024_v1_c75_lowSNR_images_TIFF/image-final_0012.tif"
    assert sum(file.size_bytes or 0 for file in files) == 398_904_432
