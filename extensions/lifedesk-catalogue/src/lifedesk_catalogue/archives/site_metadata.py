"""What describes a local data set, read from a `dataset.yaml` or from the data's own headers. Pure functions.

`dataset.yaml` is the closed model below; RO-Crates are read in `ro_crate`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, ConfigDict, ValidationError

from lifedesk_catalogue.errors import BrokenMetadata
from lifedesk_catalogue.licences import licence
from lifedesk_catalogue.model import Licence
from lifedesk_catalogue.text import bare_doi, plain_text, plain_texts


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
        authors=plain_texts(values.authors),
        licence=licence(values.licence),
        doi=bare_doi(values.doi),
        released=values.released,
        organism=plain_texts(values.organism),
        methods=plain_texts(values.methods),
        keywords=plain_texts(values.keywords),
        thumbnail=values.thumbnail,
    )


def cif_description(head: str) -> Description:
    """Title and methods from the first lines of an mmCIF file (categories `_struct`, `_exptl`)."""
    return Description(
        title=_cif_value(head, "_struct.title"),
        methods=plain_texts([_cif_value(head, "_exptl.method").capitalize()]),
        organism=plain_texts([_cif_value(head, "_entity_src_gen.pdbx_gene_src_scientific_name")]),
    )


def multiscales_name(document: object) -> str:
    """The name an OME-Zarr group (`.zattrs`, or `zarr.json` with `attributes.ome`) gives its image."""
    attributes = document.get("attributes", document) if isinstance(document, Mapping) else {}
    ome = attributes.get("ome", attributes) if isinstance(attributes, Mapping) else {}
    scales = ome.get("multiscales") if isinstance(ome, Mapping) else None
    first = scales[0] if isinstance(scales, list) and scales else None
    name = plain_text(first.get("name")) if isinstance(first, Mapping) else ""
    return name if name.strip("/") and name.lower() not in ("image", "default", "0") else ""


def _cif_value(head: str, tag: str) -> str:
    found = re.search(
        rf"^{re.escape(tag)}\s+(?:;(?P<block>.*?)\n;|'(?P<single>[^\n]*?)'\s*$|\"(?P<double>[^\n]*?)\"\s*$|(?P<bare>[^\s'\"][^\s]*))",
        head,
        re.MULTILINE | re.DOTALL | re.IGNORECASE,
    )
    text = plain_text(next(filter(None, found.groups()), "")) if found else ""
    return "" if text in (".", "?") else text
