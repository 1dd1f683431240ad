"""Describe a data set in the folder it lies in: as an RO-Crate, or in a short `dataset.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

RELEASED = "2026-11-20"
LICENCE_ADDRESSES = {"CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/"}


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is said about one demo data set."""

    accession: str
    title: str
    text: str
    authors: tuple[str, ...]
    licence: str
    """SPDX identifier where there is one, else the source's own words."""
    keywords: tuple[str, ...]
    citation: str | None = None


def write_crate(description: Description, data: Path, media_type: str) -> None:
    """Write `ro-crate-metadata.json` beside `data`, a file or a folder of the data set."""
    crate = ROCrate(version="1.2")
    crate.name = description.title
    crate.description = description.text
    crate.license = LICENCE_ADDRESSES.get(description.licence, description.licence)
    crate.root_dataset["datePublished"] = RELEASED
    crate.keywords = list(description.keywords)
    crate.root_dataset["identifier"] = description.accession
    crate.root_dataset["author"] = [
        crate.add(Person(crate, f"#author-{number}", properties={"name": name}))
        for number, name in enumerate(description.authors, start=1)
    ]
    if description.citation:
        crate.root_dataset["creditText"] = description.citation
    if data.is_dir():
        part = crate.add_dataset(dest_path=data.name, properties={"encodingFormat": media_type})
        part["hasPart"] = [
            crate.add_file(dest_path=name, properties=_facts(data.parent / name)) for name in _files(data)
        ]
    else:
        crate.add_file(dest_path=data.name, properties={"encodingFormat": media_type, **_facts(data)})
    crate.metadata.write(data.parent)


def write_yaml(description: Description, folder: Path) -> None:
    """Write the short form, `dataset.yaml`, into `folder`."""
    text = yaml.safe_dump(
        {
            "title": description.title,
            "description": description.text,
            "authors": list(description.authors),
            "licence": description.licence,
            "released": RELEASED,
            "keywords": list(description.keywords),
        },
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder.parent).as_posix()


def _facts(path: Path) -> dict[str, str]:
    content = path.read_bytes()
    return {"contentSize": str(len(content)), "sha256": hashlib.sha256(content).hexdigest()}
