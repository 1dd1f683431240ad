"""Read a site file, or say everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lifedesk_hub.errors import LifedeskError
from lifedesk_hub.site.document import Document, DocumentError, read_document
from lifedesk_hub.site.faults import Fault, validation_faults
from lifedesk_hub.site.model import Site
from lifedesk_hub.site.references import reference_faults

_MOST_SHOWN = 100


class SiteFileError(LifedeskError, ValueError):
    """The site file cannot be used; the message is a report of all its faults, in the order of the file's lines."""

    def __init__(self, path: Path, faults: Iterable[Fault], document: Document | None = None) -> None:
        self.path = path
        known = document or Document(values={})
        self.faults = tuple(sorted(faults, key=lambda fault: known.line(fault.location)))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = [f"{path.name}: {count}"]
        for fault in self.faults[:_MOST_SHOWN]:
            line = f"line {known.line(fault.location)}" if document else ""
            lines.append("  " + ": ".join(part for part in (line, fault.place, fault.sentence) if part))
        if len(self.faults) > _MOST_SHOWN:
            lines.append(f"  … and {len(self.faults) - _MOST_SHOWN} more.")
        super().__init__("\n".join(lines))


def load_site(path: Path, images: Mapping[str, Collection[str]]) -> Site:
    """The site that `path` describes, its relative paths made absolute.

    `images` are the names of the images that can be built here, each with the names of those it stands on. Raises
    `SiteFileError` with all faults in one report.
    """
    document = _read(path)
    if not isinstance(document.values, dict):
        fault = Fault((), "a site file is a mapping of keys to values; see the example lifedesk.yaml.")
        raise SiteFileError(path, [fault], document)
    raw = _absolute_paths(document.values, path.resolve().parent)
    faults = [Fault(at, "this key is given twice: only one of them can count.") for at in document.duplicates]
    site: Site | None = None
    try:
        site = Site.model_validate(raw)
    except ValidationError as error:
        faults += validation_faults(error)
    faults += reference_faults(raw, images)
    if faults or site is None:
        raise SiteFileError(path, faults, document)
    return site


def site_schema() -> dict[str, Any]:
    """JSON Schema of the site file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Site.model_json_schema()}


def _read(path: Path) -> Document:
    try:
        return read_document(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SiteFileError(path, [Fault((), f"cannot be read ({reason}): give the path of a site file.")]) from error
    except DocumentError as error:
        document = Document({}, {(): error.line}) if error.line else None
        raise SiteFileError(path, [Fault((), str(error))], document) from error


def _absolute_paths(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A copy with mount sources, the site archive and secret files taken from `folder` when relative."""

    def absolute(holder: object, key: str) -> object:
        if isinstance(holder, dict) and isinstance(holder.get(key), str) and holder[key].strip():
            # By the letters, not by what is there: the file may be checked on another machine than the node.
            whole = os.path.normpath(folder / os.path.expanduser(holder[key]))  # noqa: PTH111 - never raises
            return {**holder, key: "/" + whole.lstrip("/")}
        return holder

    result = dict(raw)
    if isinstance(mounts := raw.get("mounts"), list):
        result["mounts"] = [absolute(mount, "source") for mount in mounts]
    if isinstance(archives := raw.get("archives"), dict) and "site" in archives:
        result["archives"] = {**archives, "site": absolute(archives["site"], "path")}
    if isinstance(login := raw.get("login"), dict) and "client_secret" in login:
        result["login"] = {**login, "client_secret": absolute(login["client_secret"], "file")}
    return result
