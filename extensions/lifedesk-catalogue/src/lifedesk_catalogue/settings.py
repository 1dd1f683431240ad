"""Which archives are set up here: read from the environment, in this module and nowhere else.

`LIFEDESK_ARCHIVES` holds a JSON object, archive name to settings:
`{"site": {"path": "/data/site"}, "bioimage-archive": {"base_url": "https://…/api/v1"}}`. Unset, the BioImage Archive is
set up with its public address, and `site` when `/data/site` exists.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lifedesk_catalogue.errors import SettingsError

VARIABLE = "LIFEDESK_ARCHIVES"
SITE_FOLDER = Path("/data/site")


def _web_address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("must start with https:// or http://")
    return value.rstrip("/")


def _absolute(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError("must be an absolute path")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SiteSettings(_Settings):
    """The node's own data sets."""

    path: Annotated[Path, AfterValidator(_absolute)] = Field(
        default=SITE_FOLDER, description="The folder whose entries are the data sets."
    )


class BioImageArchiveSettings(_Settings):
    """The BioImage Archive, through the BioStudies API."""

    base_url: WebAddress = Field(
        default="https://www.ebi.ac.uk/biostudies/api/v1", description="Address of the API, with its version."
    )
    collection: str = Field(
        default="BioImages", pattern=r"^[A-Za-z0-9_-]+$", description="The BioStudies collection that is searched."
    )


ArchiveSettings = SiteSettings | BioImageArchiveSettings
KINDS: dict[str, type[SiteSettings] | type[BioImageArchiveSettings]] = {
    "site": SiteSettings,
    "bioimage-archive": BioImageArchiveSettings,
}


def load_settings(environment: Mapping[str, str] = os.environ) -> dict[str, ArchiveSettings]:
    """Archive name to settings, in the order they are to be asked. Raises `SettingsError`, all faults in one."""
    text = environment.get(VARIABLE, "").strip()
    if not text:
        site: dict[str, ArchiveSettings] = {"site": SiteSettings()} if SITE_FOLDER.is_dir() else {}
        return site | {"bioimage-archive": BioImageArchiveSettings()}
    return parse_settings(text)


def parse_settings(text: str) -> dict[str, ArchiveSettings]:
    """The settings written in the JSON `text`. Raises `SettingsError`, all faults in one."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise SettingsError(
            f"{VARIABLE} is not valid JSON: {error}. Correct it, or unset it for the defaults."
        ) from error
    if not isinstance(document, dict):
        raise SettingsError(f'{VARIABLE} must be a JSON object such as {{"site": {{"path": "/data/site"}}}}.')
    faults: list[str] = []
    settings: dict[str, ArchiveSettings] = {}
    for name, values in document.items():
        if name not in KINDS:
            faults.append(f"no archive is called {name!r}; known are {', '.join(map(repr, KINDS))}")
            continue
        try:
            settings[name] = KINDS[name].model_validate(values)
        except ValidationError as error:
            faults += [
                f"{'.'.join([name, *map(str, fault['loc'])])}: {fault['msg'].removeprefix('Value error, ')}"
                for fault in error.errors(include_input=False, include_url=False)
            ]
    if faults:
        raise SettingsError(f"{VARIABLE} cannot be used: {'; '.join(faults)}.")
    return settings
