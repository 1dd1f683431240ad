"""What is wrong with a site file, in plain words: where, what, and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lifedesk_hub.site.document import Location
from lifedesk_hub.site.model import Site
from lifedesk_hub.site.types import SLUG_PATTERN


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: at which place of the file, and the sentence to show."""

    location: Location
    sentence: str

    @property
    def place(self) -> str:
        """The location as people write it: `profiles[1].image`."""
        text = ""
        for part in self.location:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text or "the whole file"


def choices(names: Iterable[str], wanted: str | None = None) -> str:
    """`Known: a, b, c.`, led by a guess at what was meant."""
    known = sorted(set(names))
    guess = difflib.get_close_matches(wanted, known, n=1) if wanted else []
    meant = f" Did you mean {guess[0]!r}?" if guess else ""
    return f"{meant} Known here: {', '.join(known)}." if known else " None is defined here."


def validation_faults(error: ValidationError) -> list[Fault]:
    """The faults in a `ValidationError` of the site model, with no input value in any sentence."""
    schema = Site.model_json_schema()
    details = error.errors(include_url=False, include_input=False)
    return [_fault(detail, schema) for detail in details if not _follows_from_another(detail, details)]


def _follows_from_another(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """A list whose items were all refused is reported as too short as well: the items' faults say it."""
    location = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(location) and other["loc"][: len(location)] == location for other in details
    )


def _fault(detail: ErrorDetails, schema: Mapping[str, object]) -> Fault:
    location = tuple(detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            key = str(location[-1])
            sentence = f"unknown key {key!r}.{choices(_keys(schema, location[:-1]), key)}"
        case "missing":
            about = _described(schema, location)
            sentence = f"missing. {about}" if about else "missing: this key is needed."
        case "value_error" | "assertion_error":
            message = str(detail["ctx"]["error"]) if "ctx" in detail else detail["msg"]
            sentence = f"{message}."
        case "too_short":
            sentence = "empty: give at least one."
        case "string_pattern_mismatch" if detail["ctx"]["pattern"] == SLUG_PATTERN:
            sentence = "a short name has lower-case letters, digits and single hyphens only, and starts with a letter."
        case _:
            sentence = f"{detail['msg']}."
    return Fault(location, sentence)


def _at(schema: Mapping[str, object], location: Location) -> list[Mapping[str, object]]:
    """The parts of the JSON Schema that describe the place (several, where types are alternatives)."""
    here = _alternatives(schema, schema)
    for part in location:
        inner: list[Mapping[str, object]] = []
        for item in here:
            properties = item.get("properties")
            found = properties.get(part) if isinstance(properties, dict) else None
            found = item.get("items") if isinstance(part, int) else found
            if isinstance(found, dict):
                inner += _alternatives(schema, found)
        here = inner
    return here


def _alternatives(schema: Mapping[str, object], part: Mapping[str, object]) -> list[Mapping[str, object]]:
    result: list[Mapping[str, object]] = [part]
    reference = part.get("$ref")
    definitions = schema.get("$defs")
    if isinstance(reference, str) and isinstance(definitions, dict):
        result += _alternatives(schema, definitions[reference.removeprefix("#/$defs/")])
    alternatives = part.get("anyOf")
    for alternative in alternatives if isinstance(alternatives, list) else []:
        result += _alternatives(schema, alternative)
    return result


def _keys(schema: Mapping[str, object], location: Location) -> list[str]:
    keys: list[str] = []
    for part in _at(schema, location):
        properties = part.get("properties")
        if isinstance(properties, dict):
            keys += properties
    return keys


def _described(schema: Mapping[str, object], location: Location) -> str:
    texts = [part.get("description") for part in _at(schema, location)]
    return next((" ".join(text.split()) for text in texts if isinstance(text, str)), "")
