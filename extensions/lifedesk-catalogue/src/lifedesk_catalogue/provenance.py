"""Describe pulled data in an RO-Crate 1.1 beside it (https://w3id.org/ro/crate/1.1), to be cited and reused.

The crate names the data set, its authors, licence and citation, where each file came from, when, its SHA-256, and how
well it was checked. Files inside a Zarr are described together, as one data set entity with their number and size;
their digests stay in `.lifedesk/pulled.jsonl`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lifedesk_catalogue.model import ChecksumLevel, Dataset
from lifedesk_catalogue.names import CRATE
from lifedesk_catalogue.state import Record

LEVELS: Mapping[ChecksumLevel, str] = {
    "published": "equal to the checksum the archive publishes",
    "etag-md5": "equal to the MD5 the object store gave as ETag",
    "size-only": "as many bytes as announced; no checksum is published",
    "none": "the archive announced neither checksum nor size",
}


def write_crate(dataset: Dataset, records: Mapping[str, Record], into: Path) -> Path:
    """Write the crate of what lies in `into`, in one step; gives its path. Raises `OSError` of the disk."""
    there = [record for record in records.values() if not record.absent and (into / record.name).is_file()]
    document = crate_document(dataset, there, datetime.now(UTC))
    fresh = into / f".{CRATE}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    return fresh.replace(into / CRATE)


def crate_document(dataset: Dataset, records: Iterable[Record], now: datetime) -> dict[str, Any]:
    """The crate as a JSON-LD document."""
    from rocrate.model import ContextEntity, Person
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.name = dataset.title
    crate.description = dataset.description or dataset.title
    crate.datePublished = (dataset.released or now.date()).isoformat()
    authors = [
        crate.add(Person(crate, f"#author-{number}", properties={"name": name}))
        for number, name in enumerate(dataset.authors, 1)
    ]
    root = crate.root_dataset
    root["license"] = crate.add(ContextEntity(crate, _licence_id(dataset), properties=_licence(dataset)))
    root["creditText"] = dataset.citation
    if authors:
        root["author"] = authors
    if dataset.keywords:
        root["keywords"] = list(dataset.keywords)
    identifiers = [dataset.accession, *([f"https://doi.org/{dataset.doi}"] if dataset.doi else [])]
    root["identifier"] = identifiers if len(identifiers) > 1 else identifiers[0]
    if dataset.publisher:
        publisher = {"@type": "Organization", "name": dataset.publisher}
        root["publisher"] = crate.add(ContextEntity(crate, "#publisher", properties=publisher))
    levels = {
        level: crate.add(ContextEntity(crate, f"#checked-{level}", properties=_level(level)))
        for level in dict.fromkeys(record.level for record in records)
    }
    _add_files(crate, list(records), levels)
    _add_action(crate, dataset, now)
    document: dict[str, Any] = crate.metadata.generate()
    return document


def _add_files(crate: Any, records: list[Record], levels: Mapping[ChecksumLevel, Any]) -> None:
    from rocrate.model import DataEntity

    trees: dict[str, list[Record]] = {}
    for record in records:
        if tree := _tree(record.name):
            trees.setdefault(tree, []).append(record)
        else:
            properties = {
                "@type": "File",
                "name": record.name,
                "contentSize": str(record.size_bytes),
                "sha256": record.sha256,
                "url": record.url,
                "sdDatePublished": record.at,
            }
            entity = crate.add(DataEntity(crate, quote(record.name), properties=properties))
            entity["additionalProperty"] = levels[record.level]
    for tree, inside in trees.items():
        size = sum(record.size_bytes for record in inside)
        properties = {
            "@type": "Dataset",
            "name": tree,
            "description": f"OME-Zarr of {len(inside)} files, {size} bytes; SHA-256 of each in .lifedesk/pulled.jsonl.",
            "encodingFormat": "application/vnd+zarr",
            "contentSize": str(size),
            "sdDatePublished": max(record.at for record in inside),
        }
        entity = crate.add(DataEntity(crate, quote(tree) + "/", properties=properties))
        entity["additionalProperty"] = [levels[level] for level in dict.fromkeys(each.level for each in inside)]


def _tree(name: str) -> str | None:
    """The path of the Zarr that `name` lies in: up to the first folder called `….zarr`."""
    parts = name.split("/")
    for depth, part in enumerate(parts[:-1], 1):
        if part.lower().endswith(".zarr"):
            return "/".join(parts[:depth])
    return None


def _add_action(crate: Any, dataset: Dataset, now: datetime) -> None:
    from rocrate.model import ContextEntity

    software = {"@type": "SoftwareApplication", "name": "lifedesk-catalogue", "version": _own_version()}
    instrument = crate.add(ContextEntity(crate, "#lifedesk-catalogue", properties=software))
    properties = {
        "@type": "CreateAction",
        "name": f"Pulled {dataset.accession} from {dataset.publisher or dataset.archive}",
        "endTime": now.isoformat(timespec="seconds"),
    }
    action = crate.add(ContextEntity(crate, "#pull", properties=properties))
    action["instrument"] = instrument
    action["result"] = crate.root_dataset
    if dataset.landing_page:
        page = {"@type": "WebPage", "name": f"{dataset.accession} in {dataset.publisher or dataset.archive}"}
        source = crate.add(ContextEntity(crate, dataset.landing_page, properties=page))
        action["object"] = source
        crate.root_dataset["isBasedOn"] = source
    crate.root_dataset["mentions"] = action


def _licence_id(dataset: Dataset) -> str:
    return dataset.licence.url or "#licence"


def _licence(dataset: Dataset) -> dict[str, str]:
    licence = dataset.licence
    if licence.known or licence.raw:
        words = {"name": str(licence), "description": f"The archive's words: {licence.raw or licence.spdx}"}
    else:
        words = {"name": "Not stated", "description": "The archive states no licence. Ask the authors before reuse."}
    return {"@type": "CreativeWork", **words}


def _level(level: ChecksumLevel) -> dict[str, str]:
    return {"@type": "PropertyValue", "name": "checksum level", "value": level, "description": LEVELS[level]}


def _own_version() -> str:
    try:
        return version("lifedesk-catalogue")
    except PackageNotFoundError:  # run from a checkout
        return "0"
