"""The annotated types that the site model is built from. Their faults never repeat the value."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

_MEMORY = re.compile(r"^(?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?)(?P<unit>[KMGT]?)$")
_MEMORY_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_CLOSED_RANGES = tuple(
    ipaddress.IPv4Network(block) for block in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")
)
_IMAGE_TAG = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")


class Closed(BaseModel):
    """Frozen, and an unknown key is a fault; messages never repeat the offending value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


def _memory_bytes(value: object) -> int:
    amount = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if isinstance(value, str) and (match := _MEMORY.fullmatch(value)):
        amount = int(float(match["number"]) * _MEMORY_UNITS[match["unit"]])
    if not 0 < amount < 2**60:
        raise ValueError("give an amount above 0: bytes, or a number with K, M, G or T (powers of 1024), such as 2G")
    return amount


def _one_line(value: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in value):
        raise ValueError("give a single line without tabs and control characters")
    return value


def _mountable(value: str) -> str:
    if any(character in ":{}" for character in _one_line(value)):
        raise ValueError("give a path without ':', '{' and '}', which mean something else to Docker and JupyterHub")
    return value


def _absolute(value: str) -> str:
    path = PurePosixPath(value)
    if not path.is_absolute() or ".." in path.parts or str(path) != (value.rstrip("/") or "/") or value[:2] == "//":
        raise ValueError("give an absolute path without '.', '..' and doubled slashes")
    return str(path)


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not re.fullmatch(r"[!-~]+", value) or set(value) & set('?#"<>\\^`{|}'):
        raise ValueError("give an address that starts with https:// (or http://) and has no spaces, ? or # part")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address must not hold a user name or password")
    return value


def _destination(value: str) -> str:
    """`ADDRESS`, `ADDRESS/BITS` or either with `:PORT`; IPv4, as the sessions' network is."""
    address, colon, port = value.partition(":")
    try:
        network = ipaddress.IPv4Network(address)
    except ValueError:
        raise ValueError("give an IPv4 address or range, with :port if only one, such as 10.1.2.0/24:443") from None
    if colon and not (re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65536):
        raise ValueError("the port after ':' must be a number from 1 to 65535")
    if any(network.overlaps(closed) for closed in _CLOSED_RANGES):
        raise ValueError("loopback, link-local (cloud metadata) and multicast addresses are never open to sessions")
    return value


def _urn(value: str) -> str:
    form = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:[!-~]*[!-~]:group:[!-~]+", re.IGNORECASE)
    if not form.fullmatch(value):
        raise ValueError("give a group URN of AARC-G069, such as urn:geant:example.org:group:imaging#login.example.org")
    return value


def _earlier_versions(value: object) -> object:
    tags = value if isinstance(value, list | tuple) else ()
    if not isinstance(value, bool) and not (
        tags and all(isinstance(tag, str) and _IMAGE_TAG.fullmatch(tag) for tag in tags)
    ):
        raise ValueError('give true, false, or a list of tags in quotes, such as ["3f2a91c07b44"]')
    return value if isinstance(value, bool) else tuple(tags)


SLUG_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=40)]
"""A short name in lower-case letters, digits and single hyphens."""

VARIABLE_PATTERN = r"^[A-Z_][A-Z0-9_]*$"
VariableName = Annotated[str, Field(pattern=VARIABLE_PATTERN, max_length=100)]
"""The name of an environment variable."""

Bytes = Annotated[
    int,
    BeforeValidator(_memory_bytes),
    WithJsonSchema(
        {
            "format": "memory",
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0},
                # The same for editors, whose regular expressions have no Python names.
                {"type": "string", "pattern": re.sub(r"\?P<\w+>", "?:", _MEMORY.pattern)},
            ],
        }
    ),
]
"""An amount of memory in bytes; JupyterHub's notation (`512M`, `2G`) is read too."""

Cores = Annotated[float, Field(strict=True, gt=0, le=1024, allow_inf_nan=False)]
Days = Annotated[float, Field(strict=True, ge=0, le=36500, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True, lt=2**31)]
"""A whole number; `true` and `1.0` are none."""

EarlierVersions = Annotated[
    bool | tuple[str, ...],
    BeforeValidator(_earlier_versions),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "boolean"},
                {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": _IMAGE_TAG.pattern}},
            ]
        }
    ),
]
"""Whether earlier builds of an image may be started, or which of them by their tags."""

Text = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_one_line)]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_one_line)
]
Source = Annotated[Text, AfterValidator(_mountable)]
AbsolutePath = Annotated[
    Text, AfterValidator(_mountable), AfterValidator(_absolute), Field(json_schema_extra={"format": "absolute-path"})
]
WebAddress = Annotated[Text, AfterValidator(_web_address), Field(json_schema_extra={"format": "uri"})]
Destination = Annotated[Text, AfterValidator(_destination)]
GroupUrn = Annotated[Text, AfterValidator(_urn)]
