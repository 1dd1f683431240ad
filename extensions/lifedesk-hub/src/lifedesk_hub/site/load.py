"""Read a site file, or say everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from lifedesk_hub.errors import LifedeskError
from lifedesk_hub.site.document import Document, read_document
from lifedesk_hub.site.faults import Fault, validation_faults
from lifedesk_hub.site.model import Site
from lifedesk_hub.site.references import reference_faults


class SiteFileError(LifedeskError, ValueError):
    """The site file cannot be used; the message is a report of all its faults."""

    def __init__(self, path: Path, faults: Iterable[Fault], document: Document | None = None) -> None:
        self.path = path
        self.faults = tuple(faults)
        document = document or Document(values={})
        ordered = sorted(self.faults, key=lambda fault: document.line(fault.location))
        count = "1 fault" if len(ordered) == 1 else f"{len(ordered)} faults"
        lines = [f"{path.name}: {count}"]
        lines += [f"  line {document.line(fault.location)}: {fault.place}: {fault.sentence}" for fault in ordered]
        super().__init__("\n".join(lines))


def load_site(path: Path, images: Iterable[str]) -> Site:
    """The site that `path` describes, its relative paths made absolute.

    `images` are the names of the images that can be built here. Raises `SiteFileError` with all faults in one
    report.
    """
    document = _read(path)
    raw = document.values
    if not isinstance(raw, dict):
        raise SiteFileError(
            path, [Fault((), "a site file is a mapping of keys to values; see the example lifedesk.yaml.")]
        )
    faults = [Fault(at, "this key is given twice: only one of them can count.") for at in document.duplicates]
    site: Site | None = None
    try:
        site = Site.model_validate(raw)
    except ValidationError as error:
        faults += validation_faults(error)
    faults += reference_faults(raw, images)
    if faults or site is None:
        raise SiteFileError(path, faults, document)
    return Site.model_validate(_absolute_paths(raw, path.resolve().parent))


def site_schema() -> dict[str, Any]:
    """JSON Schema of the site file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Site.model_json_schema()}


def _read(path: Path) -> Document:
    try:
        return read_document(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SiteFileError(path, [Fault((), f"cannot be read ({reason}). Give the path of a site file.")]) from error
    except UnicodeDecodeError as error:
        raise SiteFileError(path, [Fault((), "is not UTF-8 text. Save it as UTF-8.")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        sentence = f"not YAML: {error.problem or 'it cannot be parsed'}. Mind indentation, colons and quotes."
        raise SiteFileError(path, [Fault((), sentence)], Document({}, {(): line})) from error
    except yaml.YAMLError as error:
        raise SiteFileError(path, [Fault((), "not YAML: it holds characters YAML does not allow.")]) from error


def _absolute_paths(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A copy with mount sources, the site archive and secret files taken from `folder` when relative."""

    def absolute(holder: object, key: str) -> object:
        if isinstance(holder, dict) and isinstance(holder.get(key), str):
            return {**holder, key: str(folder / Path(holder[key]).expanduser())}
        return holder

    result = dict(raw)
    if isinstance(result.get("mounts"), list):
        result["mounts"] = [absolute(mount, "source") for mount in result["mounts"]]
    if isinstance(archives := result.get("archives"), dict):
        result["archives"] = (
            {**archives, "site": absolute(archives["site"], "path")} if "site" in archives else archives
        )
    if isinstance(login := result.get("login"), dict) and "client_secret" in login:
        result["login"] = {**login, "client_secret": absolute(login["client_secret"], "file")}
    return result
