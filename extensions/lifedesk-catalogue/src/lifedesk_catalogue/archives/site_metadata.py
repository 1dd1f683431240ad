"""Read what describes a local data set: RO-Crate, `dataset.yaml`, or the data's own headers. Pure functions.

Formats: RO-Crate 1.1/1.2 metadata documents (https://w3id.org/ro/crate); `dataset.yaml` is the closed model below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, ConfigDict, ValidationError

from lifedesk_catalogue.errors import BrokenMetadata
from lifedesk_catalogue.licences import licence
from lifedesk_catalogue.model import Licence
from lifedesk_catalogue.text import bare_doi, day, plain_text

Entity = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a description says; empty where it says nothing."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    licence: Licence = field(default_factory=Licence)
    doi: str | None = None
    released: date | None = None
    organism: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    thumbnail: str | None = None
    """A file in the data set's folder."""


class DatasetYaml(BaseModel):
    """The least a folder needs: a title; everything else is optional."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: str
    description: str = ""
    authors: tuple[str, ...] = ()
    licence: str | None = None
    doi: str | None = None
    released: date | None = None
    organism: tuple[str, ...] | str = ()
    methods: tuple[str, ...] | str = ()
    keywords: tuple[str, ...] = ()
    thumbnail: str | None = None


def parse_yaml(text: str) -> Description:
    """The description in a `dataset.yaml`. Raises `BrokenMetadata` with every fault."""
    import yaml

    try:
        values = DatasetYaml.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise BrokenMetadata(f"it is not valid YAML{where}") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc'])) or 'the document'}: {fault['msg']}" for fault in error.errors())
        raise BrokenMetadata("; ".join(faults)) from error
    return Description(
        title=plain_text(values.title),
        description=plain_text(values.description),
        authors=_texts(values.authors),
        licence=licence(values.licence),
        doi=bare_doi(values.doi),
        released=values.released,
        organism=_texts(values.organism),
        methods=_texts(values.methods),
        keywords=_texts(values.keywords),
        thumbnail=values.thumbnail,
    )


def parse_crate(text: str) -> Description:
    """The description in an RO-Crate metadata document. Raises `BrokenMetadata`."""
    try:
        graph = json.loads(text)["@graph"]
        entities = {str(entity["@id"]): entity for entity in graph if isinstance(entity, Mapping) and "@id" in entity}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenMetadata("it is not an RO-Crate metadata document (JSON with a list @graph)") from error
    root = _root(entities)
    if root is None:
        raise BrokenMetadata("it has no root data set (what the metadata descriptor's `about` points to)")

    def named(*keys: str) -> tuple[str, ...]:
        return _texts([_name(value, entities) for key in keys for value in _many(root.get(key))])

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
        organism=_texts([_name(v, entities) for v in _many(root.get("about")) if "Taxon" in _types(v, entities)]),
        methods=named("measurementMethod", "measurementTechnique"),
        keywords=_texts([part for v in _many(root.get("keywords")) for part in _name(v, entities).split(",")]),
        thumbnail=next((_reference(v) for k in ("thumbnail", "image") for v in _many(root.get(k))), None),
    )


def cif_description(head: str) -> Description:
    """Title and methods from the first lines of an mmCIF file (categories `_struct`, `_exptl`)."""
    return Description(
        title=_cif_value(head, "_struct.title"),
        methods=_texts([_cif_value(head, "_exptl.method").capitalize()]),
        organism=_texts([_cif_value(head, "_entity_src_gen.pdbx_gene_src_scientific_name")]),
    )


def multiscales_name(document: object) -> str:
    """The name an OME-Zarr group (`.zattrs`, or `zarr.json` with `attributes.ome`) gives its image."""
    attributes = document.get("attributes", document) if isinstance(document, Mapping) else {}
    ome = attributes.get("ome", attributes) if isinstance(attributes, Mapping) else {}
    scales = ome.get("multiscales") if isinstance(ome, Mapping) else None
    first = scales[0] if isinstance(scales, list) and scales else None
    name = plain_text(first.get("name")) if isinstance(first, Mapping) else ""
    return name if name.strip("/") and name.lower() not in ("image", "default", "0") else ""


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


def _texts(values: Iterator[str] | list[str] | tuple[str, ...] | str) -> tuple[str, ...]:
    several = [values] if isinstance(values, str) else values
    return tuple(dict.fromkeys(text for value in several if (text := plain_text(value))))


def _cif_value(head: str, tag: str) -> str:
    found = re.search(
        rf"^{re.escape(tag)}\s+(?:;(?P<block>.*?)\n;|'(?P<single>[^\n]*?)'\s*$|\"(?P<double>[^\n]*?)\"\s*$|(?P<bare>[^\s'\"][^\s]*))",
        head,
        re.MULTILINE | re.DOTALL | re.IGNORECASE,
    )
    text = plain_text(next(filter(None, found.groups()), "")) if found else ""
    return "" if text in (".", "?") else text
