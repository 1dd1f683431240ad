"""What an RO-Crate says of a local data set and of the files in it. Pure functions.

Format: RO-Crate 1.1/1.2 metadata documents (https://w3id.org/ro/crate) with the terms of schema.org.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lifedesk_catalogue.archives.site_metadata import Description
from lifedesk_catalogue.errors import BrokenMetadata
from lifedesk_catalogue.licences import licence
from lifedesk_catalogue.model import Checksum, Licence
from lifedesk_catalogue.text import bare_doi, count, day, plain_text, plain_texts

Entity = Mapping[str, object]

_HEX_DIGITS = {"sha256": 64, "sha512": 128, "md5": 32}
"""Properties of a file that hold its checksum, the one to prefer first: how many digits each has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a crate states of one file; None where it states nothing, or nothing that can be checked."""

    size_bytes: int | None = None
    checksum: Checksum | None = None


def parse_crate(text: str) -> Description:
    """The description in an RO-Crate metadata document. Raises `BrokenMetadata`."""
    entities = _entities(text)
    root = _root(entities)
    if root is None:
        raise BrokenMetadata("it has no root data set (what the metadata descriptor's `about` points to)")

    def named(*keys: str) -> tuple[str, ...]:
        return plain_texts([_name(value, entities) for key in keys for value in _many(root.get(key))])

    return Description(
        title=plain_text(_single(root.get("name"))),
        description=plain_text(_single(root.get("description"))),
        authors=named("author", "creator"),
        licence=_crate_licence(root, entities),
        doi=next(
            filter(
                None, (bare_doi(_reference(v)) for k in ("identifier", "cite-as", "@id") for v in _many(root.get(k)))
            ),
            None,
        ),
        released=day(_single(root.get("datePublished"))),
        organism=plain_texts([_name(v, entities) for v in _many(root.get("about")) if "Taxon" in _types(v, entities)]),
        methods=named("measurementMethod", "measurementTechnique"),
        keywords=plain_texts([part for v in _many(root.get("keywords")) for part in _name(v, entities).split(",")]),
        thumbnail=next((_reference(v) for k in ("thumbnail", "image") for v in _many(root.get(k))), None),
    )


def parse_files(text: str) -> dict[str, FileFacts]:
    """What an RO-Crate metadata document states of the files beside it, by their path. Raises `BrokenMetadata`."""
    return {
        unquote(identifier).removeprefix("./"): FileFacts(
            size_bytes=count(_single(entity.get("contentSize"))), checksum=_checksum(entity)
        )
        for identifier, entity in _entities(text).items()
        if "File" in _many(entity.get("@type")) and not urlsplit(identifier).scheme
    }


def _checksum(file: Entity) -> Checksum | None:
    for algorithm, length in _HEX_DIGITS.items():
        digits = str(_single(file.get(algorithm))).strip().lower()
        if len(digits) == length and set(digits) <= set("0123456789abcdef"):
            return Checksum(algorithm, digits)
    return None


def _entities(text: str) -> dict[str, Entity]:
    try:
        graph = json.loads(text)["@graph"]
        return {str(entity["@id"]): entity for entity in graph if isinstance(entity, Mapping) and "@id" in entity}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenMetadata("it is not an RO-Crate metadata document (JSON with a list @graph)") from error


def _root(entities: Mapping[str, Entity]) -> Entity | None:
    for identifier, entity in entities.items():
        if identifier.rsplit("/", 1)[-1].endswith("ro-crate-metadata.json") and "about" in entity:
            return entities.get(_reference(entity["about"]) or "")
    return entities.get("./")


def _many(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _single(value: object) -> object:
    return next(iter(_many(value)), None)


def _reference(value: object) -> str | None:
    found = value.get("@id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


def _resolve(value: object, entities: Mapping[str, Entity]) -> Entity:
    entity = entities.get(_reference(value) or "")
    return entity or (value if isinstance(value, Mapping) else {})


def _types(value: object, entities: Mapping[str, Entity]) -> list[object]:
    return _many(_resolve(value, entities).get("@type"))


def _name(value: object, entities: Mapping[str, Entity]) -> str:
    if isinstance(value, str) and value not in entities:
        return value
    entity = _resolve(value, entities)
    whole = " ".join(str(entity[part]) for part in ("givenName", "familyName") if part in entity)
    return str(_single(entity.get("name")) or whole)


def _crate_licence(root: Entity, entities: Mapping[str, Entity]) -> Licence:
    found = [
        licence(_name(value, entities) or reference, reference if reference.startswith("http") else None)
        for value in _many(root.get("license"))
        if (reference := _reference(value) or _name(value, entities))
    ]
    return next((each for each in found if each.known), found[0] if found else Licence())
