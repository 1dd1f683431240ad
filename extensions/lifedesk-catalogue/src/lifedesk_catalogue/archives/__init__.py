"""The archives: one module with one class each, opened from settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from lifedesk_catalogue.archives.base import Archive
from lifedesk_catalogue.errors import UnknownArchive

if TYPE_CHECKING:
    from lifedesk_catalogue.settings import ArchiveSettings

_CLASSES = {
    "site": ("lifedesk_catalogue.archives.site", "SiteArchive"),
    "bioimage-archive": ("lifedesk_catalogue.archives.bioimage_archive", "BioImageArchive"),
}


def open_archives(settings: Mapping[str, ArchiveSettings], names: Sequence[str] | None = None) -> dict[str, Archive]:
    """The archives of these names (all without `names`), in order. Raises `UnknownArchive`."""
    chosen = tuple(settings) if names is None else tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in settings:
            there = ", ".join(map(repr, settings)) or "none"
            raise UnknownArchive(f"No archive {name!r} is set up here; there is {there}.")
    return {name: _open(name, settings[name]) for name in chosen}


def _open(name: str, settings: ArchiveSettings) -> Archive:
    module, class_name = _CLASSES[name]
    return cast(Archive, getattr(import_module(module), class_name)(settings))
