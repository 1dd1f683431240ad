"""Faults between the parts of a site: names nobody defined, names given twice, folders in each other's way."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from lifedesk_hub.singleuser import HOME, RESERVED_TARGETS, SITE_ARCHIVE
from lifedesk_hub.site.document import Location
from lifedesk_hub.site.faults import Fault, choices
from lifedesk_hub.site.model import Mount, Profile
from lifedesk_hub.site.types import WebAddress

T = TypeVar("T", bound=BaseModel)

_FORBIDDEN_SOURCES = (
    "/",
    "/boot",
    "/dev",
    "/etc",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/var",
    "/var/lib/docker",
    "/var/run",
)


def reference_faults(raw: dict[str, Any], images: Iterable[str]) -> Iterator[Fault]:
    """Faults between the parts of the raw site. Parts that are themselves broken are passed over."""
    yield from _duplicates(raw)
    groups = _names(raw, "groups", "name")
    sizes = _names(raw, "sizes", "slug")
    for at, profile in _valid(raw, "profiles", Profile):
        yield from _unknown((*at, "allowed_groups"), "group", profile.allowed_groups, groups)
        yield from _unknown((*at, "sizes"), "size", profile.sizes, sizes)
        if not _is_reference(profile.image):
            known = set(images)
            if profile.image not in known:
                yield Fault((*at, "image"), f"unknown image {profile.image!r}.{choices(known, profile.image)}")
    mounts = list(_valid(raw, "mounts", Mount))
    for at, mount in mounts:
        yield from _unknown((*at, "allowed_groups"), "group", mount.allowed_groups, groups)
    yield from _mount_faults(mounts)
    yield from _unknown(("admin_groups",), "group", _strings(raw.get("admin_groups")), groups)
    yield from _address_faults(raw)


def _is_reference(image: str) -> bool:
    """Whether it is a full image reference; a bare name is a folder under images/."""
    return ":" in image or "/" in image


def _unknown(at: Location, kind: str, wanted: Iterable[str], known: Sequence[str]) -> Iterator[Fault]:
    for position, name in enumerate(wanted):
        if name not in known:
            yield Fault((*at, position), f"unknown {kind} {name!r}.{choices(known, name)}")


def _duplicates(raw: dict[str, Any]) -> Iterator[Fault]:
    for section, key in (("groups", "name"), ("sizes", "slug"), ("profiles", "slug")):
        seen: set[str] = set()
        for position, item in enumerate(_items(raw, section)):
            name = item.get(key) if isinstance(item, dict) else None
            if isinstance(name, str) and name in seen:
                yield Fault((section, position, key), f"{name!r} is defined twice: every {key} must be its own.")
            elif isinstance(name, str):
                seen.add(name)


def _mount_faults(mounts: list[tuple[Location, Mount]]) -> Iterator[Fault]:
    for number, (at, mount) in enumerate(mounts):
        if str(PurePosixPath(mount.source)) in _FORBIDDEN_SOURCES or "docker.sock" in mount.source:
            yield Fault((*at, "source"), f"{mount.source!r} holds the node itself: choose a folder made for users.")
        for reserved in (*RESERVED_TARGETS, HOME, SITE_ARCHIVE):
            if _overlap(mount.target, reserved):
                sentence = f"{mount.target!r} is in the way of {reserved}, which the session needs."
                yield Fault((*at, "target"), f"{sentence} Choose a folder such as /data/microscopes.")
                break
        for other_at, other in mounts[:number]:
            if _overlap(mount.target, other.target):
                where = Fault((*other_at, "target"), "").place
                yield Fault((*at, "target"), f"{mount.target!r} overlaps with {where} ({other.target!r}).")


def _overlap(one: str, other: str) -> bool:
    first, second = PurePosixPath(one), PurePosixPath(other)
    return first.is_relative_to(second) or (second.is_relative_to(first) and str(second) != "/")


def _address_faults(raw: dict[str, Any]) -> Iterator[Fault]:
    try:
        host = urlsplit(TypeAdapter(WebAddress).validate_python(raw.get("url"))).hostname or ""
        secure = str(raw["url"]).startswith("https://")
    except ValidationError:
        return
    if _is_loopback(host):
        return
    if not secure:
        yield Fault(
            ("url",),
            "http:// carries logins unprotected: use https:// for every address but this machine's own.",
        )
    login = raw.get("login")
    if isinstance(login, dict) and login.get("provider") == "demo":
        yield Fault(
            ("login", "provider"),
            "the demo provider has public passwords: it only serves a url on 127.0.0.1 or localhost.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _items(raw: dict[str, Any], section: str) -> list[Any]:
    items = raw.get(section)
    return items if isinstance(items, list) else []


def _names(raw: dict[str, Any], section: str, key: str) -> list[str]:
    return [item[key] for item in _items(raw, section) if isinstance(item, dict) and isinstance(item.get(key), str)]


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _valid(raw: dict[str, Any], section: str, model: type[T]) -> Iterator[tuple[Location, T]]:
    for position, item in enumerate(_items(raw, section)):
        try:
            yield (section, position), model.model_validate(item)
        except ValidationError:
            continue
