"""The catalogue browser for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lifedesk_catalogue.widgets import Browser


def browse(query: str = "", archives: Sequence[str] | None = None) -> Browser:
    """A catalogue browser to leave as the last line of a cell: search, look, pull and open with the mouse or keys.

    `query` is searched for at once, `archives` limits where; without a query it begins with the site's own data.
    The browser's `dataset`, `path` and `image` are what is selected, where it was pulled to, and what was opened.
    Raises `SettingsError`, `UnknownArchive`.
    """
    from lifedesk_catalogue.widgets import Browser

    return Browser(query, archives)
