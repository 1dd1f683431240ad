"""The annotated types that the site model is built from."""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

_MEMORY = re.compile(r"^(?P<number>\d+(?:\.\d+)?)(?P<unit>[KMGT]?)$")
_MEMORY_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def _memory_bytes(value: object) -> object:
    if isinstance(value, str):
        match = _MEMORY.match(value)
        if match is None:
            raise ValueError("give a number of bytes, or a number with K, M, G or T (powers of 1024), such as 2G")
        return int(float(match["number"]) * _MEMORY_UNITS[match["unit"]])
    return value


def _absolute(value: str) -> str:
    path = PurePosixPath(value)
    if not path.is_absolute() or ".." in path.parts or str(path) != value.rstrip("/"):
        raise ValueError("give an absolute path without '..' or doubled slashes")
    return str(path)


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("give an address that starts with https:// (or http://) and has no ? or # part")
    if parts.username or parts.password:
        raise ValueError("an address must not hold a user name or password")
    return value


def _destination(value: str) -> str:
    """`ADDRESS`, `ADDRESS/BITS` or either with `:PORT`; IPv4, as the sessions' network is."""
    address, _, port = value.partition(":")
    try:
        ipaddress.IPv4Network(address)
    except ValueError:
        raise ValueError("give an IPv4 address or range, with :port if only one, such as 10.1.2.0/24:443") from None
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("the port after ':' must be a number from 1 to 65535")
    return value


def _urn(value: str) -> str:
    if not re.match(r"^urn:[a-z0-9][a-z0-9-]{0,31}:[!-~]+$", value, re.IGNORECASE) or ":group:" not in value:
        raise ValueError("give a group URN of AARC-G069, such as urn:geant:example.org:group:imaging#login.example.org")
    return value


SLUG_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=40)]
"""A short name in lower-case letters, digits and single hyphens."""

Bytes = Annotated[
    int,
    BeforeValidator(_memory_bytes),
    Field(gt=0),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0},
                {"type": "string", "pattern": _MEMORY.pattern},
            ]
        }
    ),
]
"""An amount of memory in bytes; JupyterHub's notation (`512M`, `2G`) is read too."""

AbsolutePath = Annotated[str, AfterValidator(_absolute)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Destination = Annotated[str, AfterValidator(_destination)]
GroupUrn = Annotated[str, AfterValidator(_urn)]
Sentence = Annotated[str, Field(min_length=1, max_length=300)]
