"""Parse BioStudies answers: search pages, page tabs, file lists, info. Pure functions on recorded shapes.

Formats: the BioStudies server (github.com/EBIBioStudies/ribs) and the page tab documents it serves. Attribute names
differ in case and wording between templates; lists may nest (a list inside stands for a table); values may be missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from lifedesk_catalogue.errors import AnswerNotUnderstood
from lifedesk_catalogue.licences import licence
from lifedesk_catalogue.model import Dataset, File, Hits, Licence
from lifedesk_catalogue.text import bare_doi, count, day, plain_text

Object = Mapping[str, object]


def parse_search(answer: object, archive: str, publisher: str, landing: str) -> Hits:
    """The hits of one search answer; `landing` is the address an accession is appended to.

    Source: `GET /{collection}/search`; `hits` is absent when nothing matched.
    """
    if not isinstance(answer, Mapping) or not ({"totalHits", "hits"} & answer.keys()):
        raise AnswerNotUnderstood("The BioImage Archive's search answer has neither hits nor their number.")
    datasets = tuple(
        Dataset(
            archive=archive,
            accession=accession,
            title=plain_text(hit.get("title")) or accession,
            description=plain_text(hit.get("content")),
            authors=_author_names(hit.get("author")),
            released=day(hit.get("release_date")),
            file_count=count(hit.get("files")),
            landing_page=landing + quote(accession),
            publisher=publisher,
            is_summary=True,
        )
        for hit in objects(answer.get("hits"))
        if (accession := plain_text(hit.get("accession")))
    )
    total = count(answer.get("totalHits"))
    return Hits(
        archive=archive, datasets=datasets, total=total, is_total_exact=answer.get("isTotalHitsExact") is not False
    )


def parse_record(record: object, info: object, archive: str, publisher: str, landing: str) -> Dataset:
    """The data set in a page tab document and its `/info` answer (`{}` when there is none).

    Source: `GET /studies/{accession}` and `GET /studies/{accession}/info`.
    """
    root = page_tab(record)
    section = _mapping(root.get("section"))
    facts = _mapping(info)
    accession = plain_text(root.get("accno"))
    sections = list(all_sections(section))
    inline = [entry for part in sections for entry in objects(part.get("files"))]
    listed = bool(file_list_names(record))
    sizes = [count(entry.get("size")) for entry in inline]
    whole = not listed and bool(sizes) and None not in sizes
    return Dataset(
        archive=archive,
        accession=accession,
        title=_first(root, "title") or _first(section, "title") or accession,
        description=_first(section, "description", "abstract"),
        authors=_authors(sections),
        licence=_licence(section, root),
        doi=_doi(root, section, accession),
        released=day(_raw(root, "releasedate") or _raw(section, "releasedate") or facts.get("released")),
        organism=_distinct(_values(sections, "organism", "species") + _of_type(sections, "organism", "scientificname")),
        methods=_distinct(
            _values(sections, "imagingmethod", "experimentalmethod")
            + _of_type(sections, "imagingmethod", "ontologyvalue", "name", "title")
        ),
        keywords=_distinct(_values([section], "keyword", "keywords")),
        size_bytes=sum(size or 0 for size in sizes) if whole else None,
        file_count=count(facts.get("files")) or (len(inline) if not listed and inline else None),
        landing_page=landing + quote(accession),
        publisher=publisher,
    )


def page_tab(record: object) -> Object:
    """The document itself. Raises `AnswerNotUnderstood` when there is no accession or section in it."""
    root = _mapping(record)
    if not plain_text(root.get("accno")) or not isinstance(root.get("section"), Mapping):
        raise AnswerNotUnderstood("The record is not a page tab document: accession or section is missing.")
    return root


def file_list_names(record: object) -> tuple[str, ...]:
    """Names of the JSON file lists a page tab points to, each once."""
    names = _values(list(all_sections(_mapping(page_tab(record).get("section")))), "filelist")
    return _distinct([re.sub(r"\.(tsv|xlsx|txt|json)$", "", name, flags=re.IGNORECASE) + ".json" for name in names])


def inline_files(record: object, base: str) -> tuple[File, ...]:
    """Files written in the page tab itself; `base` is the address their paths are appended to."""
    sections = all_sections(_mapping(page_tab(record).get("section")))
    return tuple(file for part in sections for file in parse_file_list(part.get("files"), base))


def parse_file_list(answer: object, base: str) -> tuple[File, ...]:
    """The files of one file list: objects with `path`, `size`, `type`, perhaps in nested lists. Odd entries are
    passed over.

    Source: `GET /files/{accession}/{name}.json`.
    """
    found = []
    for entry in objects(answer):
        path = entry.get("path") or entry.get("filePath")
        if not isinstance(path, str) or not path.strip("/"):
            continue
        kind = str(entry.get("type", "file")).lower()
        found.append(
            File(
                name=path.rstrip("/") if kind == "directory" else path,
                url=base + encode_path(path.strip("/")),
                size_bytes=None if kind == "directory" else count(entry.get("size")),
                is_directory=kind == "directory" or path.endswith("/"),
            )
        )
    return tuple(found)


def encode_path(path: str) -> str:
    """`path` for an address: each segment percent-encoded, `/` kept."""
    return "/".join(quote(segment, safe="") for segment in path.split("/"))


def objects(value: object) -> Iterator[Object]:
    """The objects in a list that may nest, be one object, hold `{}` or nothing at all."""
    if isinstance(value, Mapping):
        if value:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def all_sections(section: Object) -> Iterator[Object]:
    """`section` and every section below it, in document order."""
    pending = [section]
    while pending:
        current = pending.pop(0)
        yield current
        pending[:0] = list(objects(current.get("subsections")))


def _mapping(value: object) -> Object:
    return value if isinstance(value, Mapping) else {}


def _key(name: object) -> str:
    return re.sub(r"[\s_-]+", "", str(name)).lower()


def _attributes(section: Object, *names: str) -> Iterator[Object]:
    for attribute in objects(section.get("attributes")):
        if _key(attribute.get("name")) in names and attribute.get("reference") is not True:
            yield attribute


def _raw(section: Object, *names: str) -> object:
    return next((a["value"] for a in _attributes(section, *names) if a.get("value")), None)


def _first(section: Object, *names: str) -> str:
    return next((text for a in _attributes(section, *names) if (text := plain_text(a.get("value")))), "")


def _values(sections: list[Object], *names: str) -> list[str]:
    texts = [plain_text(a.get("value")) for part in sections for a in _attributes(part, *names)]
    return [text for text in texts if text and text.lower() not in ("null", "n/a", "none")]


def _of_type(sections: list[Object], kind: str, *names: str) -> list[str]:
    return [text for part in sections if _key(part.get("type")) == kind and (text := _first(part, *names))]


def _distinct(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _authors(sections: list[Object]) -> tuple[str, ...]:
    found = []
    for part in sections:
        if _key(part.get("type")) in ("author", "contact"):
            name = _first(part, "name") or " ".join(
                filter(None, (_first(part, "firstname"), _first(part, "lastname", "surname")))
            )
            found.append(name)
    return _distinct([name for name in found if name])


def _author_names(value: object) -> tuple[str, ...]:
    text = plain_text(value)
    return _distinct([name for part in re.split(r"[,;]", text) if (name := part.strip(" .&"))])


def _licence(section: Object, root: Object) -> Licence:
    for part in (section, root):
        for attribute in _attributes(part, "license", "licence"):
            addresses = [
                str(qualifier.get("value", ""))
                for qualifier in objects(attribute.get("valqual"))
                if str(qualifier.get("value", "")).startswith("http")
            ]
            if words := plain_text(attribute.get("value")):
                return licence(words, addresses[0] if addresses else None)
    return Licence()


def _doi(root: Object, section: Object, accession: str) -> str | None:
    own = [bare_doi(a.get("value")) for part in (root, section) for a in _attributes(part, "doi")]
    known = [doi for doi in own if doi]
    return next((doi for doi in known if accession.lower() in doi.lower()), known[0] if known else None)


def inner_document(value: str | Object) -> object:
    """The page tab that an answer carries as an object or as a JSON string."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise AnswerNotUnderstood("The page tab inside the answer is not readable JSON.") from error
