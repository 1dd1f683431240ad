"""A YAML document with the line of every value, and duplicate keys refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

Location = tuple[str | int, ...]
"""Where a value lies: keys and list positions from the top."""


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
    """Read `path`. Raises `OSError`, `UnicodeDecodeError` or `yaml.YAMLError`."""
    text = path.read_text(encoding="utf-8")
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return Document(values={}, lines={(): 1})
    lines: dict[Location, int] = {}
    duplicates: list[Location] = []
    _walk(node, (), node.start_mark.line + 1, lines, duplicates)
    return Document(yaml.safe_load(text), lines, tuple(duplicates))


def _walk(node: yaml.Node, at: Location, line: int, lines: dict[Location, int], duplicates: list[Location]) -> None:
    lines[at] = line
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _walk(item, (*at, position), item.start_mark.line + 1, lines, duplicates)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in seen:
                duplicates.append((*at, key))
            seen.add(key)
            _walk(value, (*at, key), key_node.start_mark.line + 1, lines, duplicates)
