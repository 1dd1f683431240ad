"""The reference of the site file, as Markdown, made from the fields and their descriptions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from lifedesk_hub.site.load import site_schema
from lifedesk_hub.site.types import SLUG_PATTERN, VARIABLE_PATTERN

_INTRODUCTION = """\
# The site file

Every key that a site file may hold. It is made from the descriptions in the code: change them there,
then write it anew with `python -m lifedesk_hub.site.reference > docs/site-file.md`.
[The operator's guide](operator.md) says how to write, check and show a site file, and
[lifedesk.yaml](../lifedesk.yaml) is an example with comments.

A key that is not listed here is a fault. Where the default says "needed", the key has to be given.
"""
_WORDS = {
    SLUG_PATTERN: "short name",
    VARIABLE_PATTERN: "variable name",
    "memory": "amount of memory",
    "absolute-path": "absolute path",
    "uri": "address",
}


def site_reference() -> str:
    """The text of docs/site-file.md: one table for the file and one for each kind of mapping in it."""
    schema = site_schema()
    parts = [_INTRODUCTION, *_section("The file", schema)]
    for name in _in_order(schema, schema["$defs"]):
        parts += _section(name, schema["$defs"][name])
    return "\n".join(parts)


def _in_order(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    """The kinds of mapping that `part` leads to, each once, as a reader meets them."""
    names: list[str] = []
    for reference in _references(part.get("properties", {})):
        name = reference.rpartition("/")[2]
        names += [inner for inner in (name, *_in_order(definitions[name], definitions)) if inner not in names]
    return names


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _section(title: str, part: Mapping[str, Any]) -> list[str]:
    rows = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for key, field in part["properties"].items():
        default = "needed" if key in part.get("required", []) else _default(field)
        cells = (f"`{key}`", _takes(field), default, " ".join(field.get("description", "").split()))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [f"## {title}", "", " ".join(part["description"].split()), "", *rows, ""]


def _default(field: Mapping[str, Any]) -> str:
    match field.get("default"):
        case None:
            return "none"
        case bool(value):
            return f"`{str(value).lower()}`"
        case [] | dict():  # a mapping's own table has the defaults
            return "none" if field.get("type") in {"array", "object"} else "its own defaults"
        case value:
            return f"`{value}`"


def _takes(field: Mapping[str, Any]) -> str:
    """What a value may be, in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if words := _WORDS.get(field.get("pattern") or field.get("format", "")):
        return words
    if "anyOf" in field:
        optional = "default" in field and field["default"] is None
        options = [option for option in field["anyOf"] if not (optional and option == {"type": "null"})]
        return " or ".join(_takes(option) for option in options)
    if "enum" in field:
        return "one of " + ", ".join(f"`{value}`" for value in field["enum"])
    match field.get("type"):
        case "array":
            return f"list of {_takes(field['items'])}"
        case "object":
            return "mapping"
        case "integer":
            return f"whole number{_bounds(field)}"
        case "number":
            return f"number{_bounds(field)}"
        case "boolean":
            return "`true` or `false`"
        case "null":
            return "`null`"
    return "text"


def _bounds(field: Mapping[str, Any]) -> str:
    words = {"exclusiveMinimum": "above", "minimum": "at least", "maximum": "at most"}
    limits = [f"{word} {field[key]:.15g}" for key, word in words.items() if key in field]
    return f" ({', '.join(limits)})" if limits else ""


if __name__ == "__main__":
    sys.stdout.write(site_reference())
