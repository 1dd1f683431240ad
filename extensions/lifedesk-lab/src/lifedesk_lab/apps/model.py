"""What `images/NAME/apps.yaml` may say: a list of programs, each closed (an unknown key is a fault)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lifedesk_lab.apps.installed import PATH_MARK, SLUG

_GLOB = re.compile(r"[^/\s;]+/?")
_ICON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def _glob(text: str) -> str:
    if not _GLOB.fullmatch(text):
        raise ValueError("a pattern is a file name with * and ?, and a / behind it for folders: '*.mrc', '*.zarr/'")
    if not text.strip("*?/"):
        raise ValueError(f"{text!r} matches everything; name an ending: '*.mrc'")
    return text


def _icon(text: str) -> str:
    if not _ICON.fullmatch(text):
        raise ValueError("an icon is a name from the image's icon theme, or an .svg or .png file beside apps.yaml")
    return text


def _licence(text: str) -> str:
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression as error:
        raise ValueError("a licence is an SPDX expression: 'BSD-3-Clause', 'GPL-2.0-or-later'") from error


def _https(text: str) -> str:
    if not re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", text):
        raise ValueError("an address begins with https:// and names a host")
    return text


def _citation(text: str) -> str:
    return text if _DOI.fullmatch(text) else _https(text)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\n]*$")]
Glob = Annotated[str, AfterValidator(_glob)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PythonPackage(_Closed):
    """A package in the image's Python environment."""

    python: Text = Field(description="Its name, as pip knows it.")

    @property
    def source(self) -> Literal["python"]:
        return "python"

    @property
    def name(self) -> str:
        return self.python


class DebianPackage(_Closed):
    """A package that dpkg installed."""

    debian: Text = Field(description="Its name, as dpkg knows it.")

    @property
    def source(self) -> Literal["debian"]:
        return "debian"

    @property
    def name(self) -> str:
        return self.debian


class App(_Closed):
    """One program with windows: how it is called, started, recognised and cited."""

    slug: Annotated[str, Field(pattern=f"^{SLUG}$", description="Its name in addresses.")]
    title: Text = Field(description="Its name for people.")
    description: Text = Field(description="What it is for, in a few words.")
    command: tuple[Text, ...] = Field(
        min_length=1, description="Program and arguments; the one with {path} is left out when nothing is opened."
    )
    icon: Annotated[str, AfterValidator(_icon)] = Field(description="Theme name, or a file beside apps.yaml.")
    opens: tuple[Glob, ...] = Field(default=(), description="Names it opens; a / behind means a folder.")
    package: PythonPackage | DebianPackage = Field(description="What holds it; its version is looked up there.")
    licence: Annotated[str, AfterValidator(_licence)] = Field(description="SPDX expression.")
    citation: Annotated[str, AfterValidator(_citation)] | None = Field(default=None, description="DOI or address.")
    homepage: Annotated[str, AfterValidator(_https)] = Field(description="Its web address.")

    @model_validator(mode="after")
    def _opens_what_it_is_given(self) -> App:
        marked = [argument for argument in self.command if PATH_MARK in argument]
        if self.opens and not marked:
            raise ValueError(f"it opens files, so one argument of its command must hold {PATH_MARK}")
        if len(marked) > 1:
            raise ValueError(f"only one argument of its command may hold {PATH_MARK}")
        if PATH_MARK in self.command[0]:
            raise ValueError("the first word of its command is the program")
        return self
