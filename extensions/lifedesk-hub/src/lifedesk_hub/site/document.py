"""A YAML document with the line of every value; duplicate keys are kept, and what could only harm is refused.

Plain values are read as in the core schema of YAML 1.2, so `yes`, `on` and dates are text. Aliases and merge keys work.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

Location = tuple[str | int, ...]
"""Where a value lies: keys and list positions from the top."""

_LARGEST_BYTES = 256 * 1024
_MOST_VALUES = 20_000
_DEEPEST = 50

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_FLOAT = re.compile(r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)\Z")
_SCALARS: dict[str, tuple[re.Pattern[str], Callable[[str], object]]] = {
    f"{_TAG}null": (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda _: None),
    f"{_TAG}bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), lambda text: text.lower() == "true"),
    f"{_TAG}int": (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})\Z"), int),
    f"{_TAG}float": (_FLOAT, float),
}


class DocumentError(ValueError):
    """The file cannot be read as a document. The message never repeats its text, which may be a secret."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(sentence)


@dataclass(frozen=True)
class Document:
    """The plain values of a YAML file, and where each of them stands."""

    values: object
    lines: dict[Location, int] = field(default_factory=dict)
    duplicates: tuple[Location, ...] = ()

    def line(self, location: Location) -> int:
        """The line of the value there, or of the nearest thing around it that exists."""
        while location not in self.lines and location:
            location = location[:-1]
        return self.lines.get(location, 1)


def read_document(path: Path) -> Document:
    """Read `path`; an empty file is an empty mapping. Raises `OSError` or `DocumentError`."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST_BYTES + 1)
    if len(raw) > _LARGEST_BYTES:
        raise DocumentError(f"larger than {_LARGEST_BYTES // 1024} KiB: this is no site file.")
    try:
        node = yaml.compose(raw.decode("utf-8"), Loader=_Loader)
        reading = _Reading()
        values = None if node is None else reading.value(node, (), 1)
    except UnicodeDecodeError:
        raise DocumentError("not UTF-8 text: save it as UTF-8.") from None
    except RecursionError:
        raise DocumentError("nested too deeply.") from None
    except yaml.MarkedYAMLError as error:
        # `from None` here and below: PyYAML's own message quotes the line, and a traceback would show it.
        raise _yaml_error(error) from None
    except yaml.YAMLError:
        raise DocumentError("not YAML: there are control characters in it.") from None
    return Document({} if values is None else values, reading.lines, tuple(reading.duplicates))


class _Loader(yaml.SafeLoader):
    """PyYAML's loader with the plain values of YAML 1.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own registry, filled below


_Loader.add_implicit_resolver(_MERGE, re.compile(r"<<\Z"), ["<"])
for _tag, (_pattern, _) in _SCALARS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, None)


class _Reading:
    """Values made from the nodes of one document, with what is learned on the way."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self.duplicates: list[Location] = []
        self._count = 0

    def value(self, node: yaml.Node, at: Location, line: int) -> object:
        self._count += 1
        if self._count > _MOST_VALUES:  # aliases of aliases grow without bound in a few lines
            raise DocumentError(f"more than {_MOST_VALUES} values, aliases counted: this is no site file.", line)
        if len(at) > _DEEPEST:
            raise DocumentError("nested too deeply.", line)
        self.lines[at] = line
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, (*at, place), _line(item)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        raise _tag_error(node)

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, object]:
        own: dict[str, object] = {}
        merged: dict[str, object] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError("a key must be plain text.", _line(key_node))
            key = str(key_node.value)
            if key_node.tag == _MERGE:
                merged = self._merged(value, (*at, "<<")) | merged
                continue
            if key in own:
                self.duplicates.append((*at, key))
            own[key] = self.value(value, (*at, key), _line(key_node))
        return merged | own

    def _merged(self, node: yaml.Node, at: Location) -> dict[str, object]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result: dict[str, object] = {}
        for part in parts:
            values = self.value(part, at, _line(part))  # a fault in there is shown where it is merged into
            if not isinstance(values, dict):
                raise DocumentError("a merge key << takes a mapping, or a list of mappings.", _line(part))
            result = values | result
        return result


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _scalar(node: yaml.ScalarNode) -> object:
    if node.tag in {f"{_TAG}str", _MERGE}:
        return str(node.value)
    pattern, convert = _SCALARS.get(node.tag, (None, str))
    if pattern is None or not pattern.match(node.value):
        raise _tag_error(node)
    return convert(node.value)


def _tag_error(node: yaml.Node) -> DocumentError:
    return DocumentError("a tag (!…) has no use in a site file: leave it out, or put the text in quotes.", _line(node))


_YAML_PROBLEMS = {
    "mapping values are not allowed": "a colon where none can stand: put the text in quotes, or mend the indentation",
    "could not find expected ':'": "a key without a colon and a space after it",
    "found character '\\t'": "a tab: indent with spaces",
    "found undefined alias": "an alias (*…) that no anchor (&…) defines: define it, or put the text in quotes",
    "second occurrence": "an anchor (&…) that is defined twice",
    "but found another document": "a second document (---): a site file is a single one",
    "found unexpected end of stream": "a quote that is never closed",
    "found undefined tag handle": "a tag (!…): leave it out, or put the text in quotes",
    "expected ',' or": "a bracket that is not closed, or a comma that is missing after it",
}


def _yaml_error(error: yaml.MarkedYAMLError) -> DocumentError:
    problem = error.problem or ""
    reason = next((text for start, text in _YAML_PROBLEMS.items() if problem.startswith(start)), None)
    unclosed = problem.startswith(("found unexpected end of stream", "expected ',' or"))
    mark = error.context_mark if unclosed else error.problem_mark  # where it was opened, not where the file ends
    sentence = f"not YAML: {reason or 'it makes no sense from here on; mind indentation, colons and quotes'}."
    return DocumentError(sentence, mark.line + 1 if mark else None)
