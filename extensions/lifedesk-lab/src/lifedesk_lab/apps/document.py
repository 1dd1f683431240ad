"""Reading `apps.yaml`, with all faults in one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lifedesk_lab.apps.errors import InvalidAppsFile
from lifedesk_lab.apps.model import App

_APPS = TypeAdapter(tuple[App, ...])


def read_apps(file: Path) -> tuple[App, ...]:
    """The programs that `file` names. Raises `InvalidAppsFile` with every fault and its place."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidAppsFile(f"{file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidAppsFile(f"{file} is not YAML: {error}") from error
    try:
        apps = _APPS.validate_python(document)
    except ValidationError as error:
        raise invalid(file, _faults(error, document)) from error
    repeated = [slug for slug, times in Counter(app.slug for app in apps).items() if times > 1]
    if repeated:
        raise invalid(file, [f"the slug {slug!r} is given to more than one program" for slug in repeated])
    return apps


def invalid(file: Path, faults: Iterable[str]) -> InvalidAppsFile:
    """The error that lists `faults` of `file`."""
    return InvalidAppsFile("\n".join([f"{file} cannot be installed:", *(f"- {fault}" for fault in faults)]))


def _faults(error: ValidationError, document: object) -> Iterator[str]:
    unions: set[tuple[str | int, ...]] = set()
    for fault in error.errors():
        place = fault["loc"]
        if len(place) > 2 and place[1] == "package":
            # A union complains once for each of its kinds: one sentence says what is wanted.
            if place[:2] not in unions:
                unions.add(place[:2])
                yield f"{_place(place[:2], document)}: write {{python: NAME}} or {{debian: NAME}}"
            continue
        yield f"{_place(place, document)}: {_sentence(fault)}"


def _place(place: tuple[str | int, ...], document: object) -> str:
    if not place:
        return "the file"
    number = place[0]
    entry = document[number] if isinstance(document, list) and isinstance(number, int) else None
    slug = entry.get("slug") if isinstance(entry, dict) else None
    name = f"program {number + 1}" if isinstance(number, int) else str(number)
    words = f"{name} ({slug})" if isinstance(slug, str) else name
    keys = "".join(f"[{part}]" if isinstance(part, int) else f", {part}" for part in place[1:])
    return words + keys


def _sentence(fault: ErrorDetails) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"there is no such key; there are: {', '.join(App.model_fields)}"
    if kind == "missing":
        return "this key is missing"
    if kind == "string_pattern_mismatch" and fault["loc"][-1] == "slug":
        return f"{fault['input']!r} is no short name: lower-case letters, digits and single hyphens, a letter first"
    if kind == "value_error":
        given = f", not {fault['input']!r}" if isinstance(fault["input"], str) else ""
        return f"{fault['ctx']['error']}{given}"
    if kind in ("tuple_type", "list_type"):
        return "this must be a list"
    return f"{fault['msg'][0].lower()}{fault['msg'][1:]}"
