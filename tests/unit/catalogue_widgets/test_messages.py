"""What a view may send, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lifedesk_catalogue.widgets.messages import Open, SearchFor, parse_message


def test_messages_become_values() -> None:
    content = {"kind": "search", "query": "nuclei", "archives": ["site"]}
    assert parse_message(content) == SearchFor(query="nuclei", archives=("site",))
    assert parse_message({"kind": "open", "path": None}) == Open()


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {"kind": "delete-everything"},
        {"kind": "search"},
        {"kind": "search", "query": "x" * 1001, "archives": []},
        {"kind": "select", "key": 1},
        {"kind": "pull", "into": "/etc"},
    ],
)
def test_anything_else_is_refused(content: object) -> None:
    with pytest.raises(ValidationError):
        parse_message(content)
