"""What is wrong with a site file, in plain words: where, what, and what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lifedesk_hub.site.document import Location
from lifedesk_hub.site.model import Site
from lifedesk_hub.site.types import SLUG_PATTERN, VARIABLE_PATTERN

_MOST_CHOICES = 20
_LONGEST_SHOWN = 80
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}")

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_PATTERNS = {
    SLUG_PATTERN: "a short name has lower-case letters, digits and single hyphens only, and starts with a letter.",
    VARIABLE_PATTERN: "the name of a variable has capital letters, digits and underscores only.",
}
_BOUNDS = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be below"),
    "less_than_equal": ("le", "must be at most"),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: at which place of the file, and the sentence to show."""

    location: Location
    sentence: str

    @property
    def place(self) -> str:
        """The location as people write it: `profiles[1].image`; it ends before what is no name, and is empty for
        the whole file."""
        text = ""
        for part in self.location:
            if isinstance(part, str) and not _KEY.fullmatch(part):
                break
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


def choices(names: Iterable[str], wanted: str | None = None) -> str:
    """What to put behind a sentence: ` Did you mean 'imaging'? Known here: imaging, trainers.`, or without a guess."""
    known = sorted({name for name in names if name.isprintable() and len(name) <= _LONGEST_SHOWN})
    if not known:
        return " None is defined here."
    guess = difflib.get_close_matches(wanted[:100], known, n=1) if wanted else []
    meant = f" Did you mean {guess[0]!r}?" if guess else ""
    more = f" and {len(known) - _MOST_CHOICES} more" if len(known) > _MOST_CHOICES else ""
    return f"{meant} Known here: {', '.join(known[:_MOST_CHOICES])}{more}."


def shown(value: str) -> str:
    """The value in quotes, control characters escaped, cut where it grows too long for a sentence."""
    return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[: _LONGEST_SHOWN - 1]}…")


def validation_faults(error: ValidationError) -> list[Fault]:
    """The faults in a `ValidationError` of the site model, with no input value in any sentence."""
    schema = _site_schema()
    details = error.errors(include_url=False)
    return [_fault(detail, schema) for detail in details if not _follows_from_another(detail, details)]


@cache
def _site_schema() -> dict[str, object]:
    return Site.model_json_schema()


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
            named = f"unknown key {key!r}" if _KEY.fullmatch(key) else "this is no key of a site file"
            sentence = f"{named}.{choices(_keys(schema, location[:-1]), key)}"
        case "missing":
            about = _described(schema, location)
            sentence = f"missing. {about}" if about else "missing: this key is needed."
        case "value_error":
            sentence = f"{detail['ctx']['error']}."
        case _:
            sentence = _value_sentence(detail)
    return Fault(location, sentence)


def _value_sentence(detail: ErrorDetails) -> str:
    """What kind of value is expected. What was given is named by its kind only, for it may be a secret."""
    kind, limits, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in _EXPECTED:
        if given is None:
            return f"expected {_EXPECTED[kind]}, but nothing is given."
        quotes = ": put it in quotes" if kind == "string_type" and isinstance(given, int | float) else ""
        return f"expected {_EXPECTED[kind]}, not {_kind(given)}{quotes}."
    if kind in _BOUNDS:
        limit, words = _BOUNDS[kind]
        return f"{words} {limits[limit]:.15g}."
    match kind:
        case "finite_number":
            return "too large."
        case "literal_error":
            allowed = re.findall(r"'([^']+)'", limits["expected"])
            return f"not one of the values allowed.{choices(allowed, given if isinstance(given, str) else None)}"
        case "too_short":
            return "empty: give at least one."
        case "string_too_short":
            return "empty: give some text."
        case "string_too_long":
            return f"too long: at most {limits['max_length']} characters."
        case "string_pattern_mismatch" | "string_unicode":
            return _PATTERNS.get(limits.get("pattern", ""), "has characters that are not allowed here.")
    return "cannot be used here."


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a number"
        case float():
            return "a decimal number"
        case str():
            return "text"
        case list():
            return "a list"
    return "a mapping"


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
