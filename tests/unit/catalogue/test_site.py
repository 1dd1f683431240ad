"""The node's own folder of data sets, described well, badly or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.archives.ro_crate import parse_crate
from lifedesk_catalogue.archives.site_metadata import parse_yaml
from lifedesk_catalogue.errors import BrokenMetadata, DatasetNotFound
from lifedesk_catalogue.model import Hits
from tests.unit.catalogue.conftest import write

CRATE = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Crated nuclei",
            "description": "Made up",
            "datePublished": "2023-02-01",
            "license": [{"@id": "https://creativecommons.org/licenses/by/4.0/"}],
            "author": [{"@id": "#a"}, "Bo Sample"],
            "identifier": "https://doi.org/10.5555/crated",
            "about": {"@id": "#fish"},
            "keywords": "nuclei, fish",
            "thumbnail": {"@id": "a%20picture.png"},
        },
        {"@id": "#a", "@type": "Person", "name": "Ada Example"},
        {"@id": "#fish", "@type": ["Taxon"], "name": "Danio rerio"},
    ],
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty site folder that is the only archive."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("LIFEDESK_ARCHIVES", json.dumps({"site": {"path": str(folder)}}))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def found(query: str = "") -> Hits:
    (hits,) = catalogue.search(query)
    assert isinstance(hits, Hits), hits
    return hits


def test_crate_describes_a_data_set(site: Path) -> None:
    write(site / "crated" / "ro-crate-metadata.json", json.dumps(CRATE).encode())
    write(site / "crated" / "a picture.png", b"png")
    dataset = catalogue.get("crated")
    assert (dataset.title, dataset.authors, dataset.doi) == (
        "Crated nuclei", ("Ada Example", "Bo Sample"), "10.5555/crated",
    )  # fmt: skip
    assert (dataset.licence.spdx, dataset.organism, dataset.keywords) == (
        "CC-BY-4.0",
        ("Danio rerio",),
        ("nuclei", "fish"),
    )
    assert dataset.thumbnail_url == (site / "crated" / "a picture.png").as_uri()
    assert catalogue.get("https://doi.org/10.5555/CRATED").accession == "crated"


def test_crate_of_the_data_set_is_kept_under_another_name(site: Path) -> None:
    write(site / "crated" / "ro-crate-metadata.json", json.dumps(CRATE).encode())
    names = [file.name for file in catalogue.list_files(catalogue.get("crated"))]
    assert names == ["source-ro-crate-metadata.json"]


def test_yaml_describes_a_data_set(site: Path) -> None:
    write(
        site / "plain" / "dataset.yaml",
        b"title: Plain\nlicence: CC0\nauthors: [Ada]\norganism: yeast\nreleased: 2020-01-02\n",
    )
    dataset = catalogue.get("plain")
    assert (dataset.title, dataset.licence.spdx, dataset.organism) == ("Plain", "CC0-1.0", ("yeast",))
    assert dataset.released is not None


def test_bare_data_gets_its_title_from_itself_and_an_unknown_licence(site: Path) -> None:
    ome = {"attributes": {"ome": {"multiscales": [{"name": "Embryo at dawn"}]}}, "node_type": "group", "zarr_format": 3}
    write(site / "embryo.ome.zarr" / "zarr.json", json.dumps(ome).encode())
    write(
        site / "1abc.cif",
        b"data_1ABC\n_struct.title\n;A protein\nof two lines\n;\n_exptl.method   'X-RAY DIFFRACTION'\n",
    )
    write(site / "section.ome.tif", b"II")
    write(site / "just files" / "a.csv", b"x")
    write(site / "README.md", b"about this folder")
    titles = {dataset.accession: dataset.title for dataset in found().datasets}
    assert titles == {
        "1abc.cif": "A protein of two lines",
        "embryo.ome.zarr": "Embryo at dawn",
        "just files": "just files",
        "section.ome.tif": "section",
    }
    assert not any(dataset.licence.known for dataset in found().datasets)
    assert catalogue.get("1abc.cif").methods == ("X-ray diffraction",)


@pytest.mark.parametrize("line", ["_struct.title 'One line'", '_struct.title "One line"', "_struct.title\n'One line'"])
def test_structure_title_is_found_in_every_quoting(site: Path, line: str) -> None:
    write(site / "x.cif", f"data_X\n{line}\n_struct.pdbx_descriptor ?\n".encode())
    assert catalogue.get("x.cif").title == "One line"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("ro-crate-metadata.json", b"{", "ro-crate-metadata.json: it is not an RO-Crate metadata document"),
        ("ro-crate-metadata.json", b'{"@graph": [{"@id": "x"}]}', "ro-crate-metadata.json: it has no root data set"),
        ("dataset.yaml", b"title: [", "dataset.yaml: it is not valid YAML (line"),
        ("dataset.yaml", b"titel: x", "dataset.yaml: title: Field required; titel: Extra inputs are not permitted"),
        ("dataset.yaml", b"\xff\xfe", "dataset.yaml: it is not UTF-8 text"),
    ],
)
def test_broken_description_is_named_beside_the_others(site: Path, name: str, content: bytes, reason: str) -> None:
    write(site / "good" / "a.txt", b"a")
    write(site / "broken" / name, content)
    hits = found()
    assert [dataset.accession for dataset in hits.datasets] == ["good"]
    (notice,) = hits.notices
    assert notice.accession == "broken"
    assert notice.message.startswith(f"'broken' is left out: {reason}")
    with pytest.raises(BrokenMetadata):
        catalogue.get("broken")


def test_links_that_leave_and_unreadable_files_are_named_and_not_offered(site: Path, tmp_path: Path) -> None:
    write(tmp_path / "secret", b"secret")
    write(site / "own" / "a.txt", b"a")
    (site / "own" / "out").symlink_to(tmp_path / "secret")
    (site / "own" / "inside").symlink_to("a.txt")
    (site / "own" / "folder").symlink_to(tmp_path)
    os.mkfifo(site / "own" / "pipe")
    (site / "away").symlink_to(tmp_path)
    plan = catalogue.plan_pull("own", into=tmp_path / "target")
    assert sorted(file.name for file in plan.files) == ["a.txt", "inside"]
    assert plan.warnings[:3] == (
        "The link 'folder' to a folder is not followed.",
        "The link 'out' leaves the data set and is not offered.",
        "'pipe' is not a file and is not offered.",
    )
    (notice,) = found().notices
    assert notice.message == "'away' is left out: it is a link that leaves its folder."


@pytest.mark.parametrize("name", ["../secret", ".hidden", "missing", "a/b", "x\0y", "n" * 300])
def test_names_that_are_no_entries_are_not_found(site: Path, name: str) -> None:
    write(site / ".hidden", b"")
    with pytest.raises(DatasetNotFound):
        catalogue.get(name, "site")


def test_every_word_must_occur_without_regard_to_case_and_accents(site: Path) -> None:
    write(site / "one" / "dataset.yaml", "title: Meiosis in yeast\nauthors: [Elçin Ünal]\n".encode())
    write(site / "two" / "dataset.yaml", b"title: Yeast cells\n")
    assert [dataset.accession for dataset in found("YEAST unal").datasets] == ["one"]
    assert found("yeast").total == 2
    assert found("yeast okapi").total == 0


def test_folder_that_is_gone_is_a_notice(site: Path) -> None:
    site.rmdir()
    (notice,) = catalogue.search("x")
    assert isinstance(notice, catalogue.ArchiveNotice)
    assert (
        notice.message
        == "The site's data folder cannot be read (No such file or directory). Tell whoever runs this node."
    )


@pytest.mark.parametrize("name", ["bia-typical", "crate_with_subcrates", "read_crate"])
def test_real_crates_are_read(samples: Path, name: str) -> None:
    described = parse_crate((samples / "rocrate" / name / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert described.title or described.released


def test_detached_crate_is_read(samples: Path) -> None:
    text = (samples / "rocrate" / "detached-dataset-ro-crate-metadata.json").read_text(encoding="utf-8")
    assert parse_crate(text).title


def test_yaml_title_loses_tags() -> None:
    assert parse_yaml("title: <b>Bold</b> claims").title == "Bold claims"
