"""Faults between the parts of a site: names nobody defined, names given twice, folders in each other's way."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from lifedesk_hub.singleuser import HOME, RESERVED_TARGETS, SITE_ARCHIVE
from lifedesk_hub.site.document import Location
from lifedesk_hub.site.faults import Fault, choices, shown
from lifedesk_hub.site.model import Mount
from lifedesk_hub.site.types import WebAddress

_NODE_FOLDERS = (
    "/boot", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var/lib/containerd", "/var/lib/docker", "/var/run",
)  # fmt: skip
DESKTOP_IMAGE = "desktop"
"""The image that gives those standing on it a desktop."""
_IMAGE_REFERENCE = re.compile(
    r"(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"  # where, and the name
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"  # tag, digest
)
_SECRET_TRAIT = re.compile(r"(?:secret|password|passphrase|token)s?$")


def reference_faults(raw: dict[str, Any], images: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    """Faults between the parts of the raw site. Parts that are themselves broken are passed over.

    `images` are the images of the repository, each with those it stands on.
    """
    yield from _duplicates(raw)
    groups = _names(raw, "groups", "name")
    sizes = _names(raw, "sizes", "slug")
    for position, profile in enumerate(_items(raw, "profiles")):
        at = ("profiles", position)
        yield from _image_faults((*at, "image"), _get(profile, "image"), images)
        yield from _interface_faults((*at, "interfaces"), profile, images)
        yield from _version_faults((*at, "earlier_versions"), profile)
        yield from _unknown((*at, "sizes"), "size", _get(profile, "sizes"), sizes)
        yield from _unknown((*at, "allowed_groups"), "group", _get(profile, "allowed_groups"), groups)
    for position, mount in enumerate(_items(raw, "mounts")):
        yield from _unknown(("mounts", position, "allowed_groups"), "group", _get(mount, "allowed_groups"), groups)
    mounts = list(_valid_mounts(raw))
    yield from _target_faults(mounts)
    yield from _source_faults(raw, mounts)
    yield from _unknown(("admin_groups",), "group", raw.get("admin_groups"), groups)
    yield from _address_faults(raw)
    yield from _membership_faults(raw)
    yield from _override_faults(raw.get("hub_override"))


def _image_faults(at: Location, image: object, known: Collection[str]) -> Iterator[Fault]:
    """A bare name is a folder under images/, everything else a full reference."""
    if not isinstance(image, str):
        return
    if not _is_made_elsewhere(image):
        if image not in known:
            yield Fault(at, f"unknown image {shown(image)}.{choices(known, image)}")
        return
    _, _, version = image.rpartition("/")
    if not _IMAGE_REFERENCE.fullmatch(image) or not set(version) & set(":@") or version.endswith(":latest"):
        what = "is no reference to one certain image: give its tag (not latest) or digest"
        yield Fault(at, f"{shown(image)} {what}, such as registry.example.org/lab/tools:1.2.")


def _is_made_elsewhere(image: str) -> bool:
    return bool(set(image) & set(":/@"))


def _interface_faults(at: Location, profile: object, images: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    """A desktop in an image of ours that has none; what images made elsewhere hold, nobody knows here."""
    image, interfaces = _get(profile, "image"), _get(profile, "interfaces")
    if not isinstance(image, str) or image not in images or not isinstance(interfaces, list):
        return
    if DESKTOP_IMAGE in (image, *images[image]):
        return
    for position, interface in enumerate(interfaces):
        if interface == "desktop":
            having = sorted(name for name, parents in images.items() if DESKTOP_IMAGE in (name, *parents))
            sentence = f"image {shown(image)} has no desktop, for it does not stand on images/{DESKTOP_IMAGE}."
            what = f" Those that do: {', '.join(having)}." if having else " None of the images here does."
            yield Fault((*at, position), sentence + what)


def _version_faults(at: Location, profile: object) -> Iterator[Fault]:
    image = _get(profile, "image")
    if isinstance(image, str) and _is_made_elsewhere(image) and _get(profile, "earlier_versions"):
        sentence = "a full reference is one certain version: leave this out, and make a profile for each version."
        yield Fault(at, sentence)


def _unknown(at: Location, kind: str, wanted: object, known: Sequence[str]) -> Iterator[Fault]:
    for position, name in enumerate(wanted if isinstance(wanted, list) else []):
        if isinstance(name, str) and name not in known:
            yield Fault((*at, position), f"unknown {kind} {shown(name)}.{choices(known, name)}")


def _duplicates(raw: dict[str, Any]) -> Iterator[Fault]:
    for section, key in (("groups", "name"), ("sizes", "slug"), ("profiles", "slug")):
        seen: set[str] = set()
        for position, item in enumerate(_items(raw, section)):
            name = item.get(key) if isinstance(item, dict) else None
            if isinstance(name, str) and name in seen:
                yield Fault((section, position, key), f"{shown(name)} is defined twice: every {key} must be its own.")
            elif isinstance(name, str):
                seen.add(name)


def _target_faults(mounts: list[tuple[Location, Mount]]) -> Iterator[Fault]:
    free: list[tuple[Location, str]] = []
    for at, target in (((*at, "target"), mount.target) for at, mount in mounts):
        needed = next((folder for folder in (*RESERVED_TARGETS, HOME, SITE_ARCHIVE) if _overlap(target, folder)), None)
        if needed:
            sentence = f"{shown(target)} is in the way of {needed}, which the session needs."
            yield Fault(at, f"{sentence} Choose a folder such as /data/microscopes.")
            continue
        for other_at, other in free:
            if _overlap(target, other):
                where = f"{Fault(other_at, '').place} ({shown(other)})"
                yield Fault(at, f"{shown(target)} overlaps with {where}: keep them apart.")
        free.append((at, target))


def _source_faults(raw: dict[str, Any], mounts: list[tuple[Location, Mount]]) -> Iterator[Fault]:
    """Folders that would show people the node itself. Sources are absolute by now."""
    shared = [((*at, "source"), mount.source) for at, mount in mounts]
    archive = _get(_get(raw, "archives"), "site")
    if isinstance(path := _get(archive, "path"), str):
        shared.append((("archives", "site", "path"), path))
    secret = _get(_get(_get(raw, "login"), "client_secret"), "file")
    for at, source in shared:
        if source.endswith(".sock") or any(_overlap(source, folder) for folder in _NODE_FOLDERS):
            yield Fault(at, f"{shown(source)} holds parts of the node itself: choose a folder made for users.")
        elif isinstance(secret, str) and PurePosixPath(secret).is_relative_to(source):
            yield Fault(at, f"{shown(source)} holds the file of login.client_secret: keep that somewhere else.")


def _overlap(one: str, other: str) -> bool:
    first, second = PurePosixPath(one), PurePosixPath(other)
    return first.is_relative_to(second) or second.is_relative_to(first)


def _address_faults(raw: dict[str, Any]) -> Iterator[Fault]:
    login = raw.get("login")
    hosts = {("url",): raw.get("url"), ("login", "issuer"): _get(login, "issuer")}
    for at, address in hosts.items():
        host = _host(address)
        if host and not _is_loopback(host) and not str(address).startswith("https://"):
            sentence = "http:// carries logins unprotected: use https:// for every address but this machine's own."
            yield Fault(at, sentence)
    host = _host(raw.get("url"))
    if host and not _is_loopback(host) and _get(login, "provider") == "demo":
        sentence = "the demo provider has public passwords: it only serves a url on 127.0.0.1 or localhost."
        yield Fault(("login", "provider"), sentence)


def _membership_faults(raw: dict[str, Any]) -> Iterator[Fault]:
    provider = _get(raw.get("login"), "provider")
    if provider not in ("orcid", "github"):
        return
    for position, group in enumerate(_items(raw, "groups")):
        if (_get(group, "urns") or _get(group, "claim_values")) and not _get(group, "subjects"):
            sentence = f"provider {provider} tells nothing of groups: name the members one by one under subjects."
            yield Fault(("groups", position), sentence)


def _override_faults(override: object) -> Iterator[Fault]:
    classes = override if isinstance(override, dict) else {}
    for name, traits in classes.items():
        if not name[:1].isupper():
            sentence = "names no class, so it would have no effect: a class starts with a capital, as DockerSpawner."
            yield Fault(("hub_override", name), sentence)
        for trait in traits if isinstance(traits, dict) else {}:
            if _SECRET_TRAIT.search(trait):
                sentence = "a secret is never written in the site file: use login.client_secret, or the trait that"
                yield Fault(("hub_override", name, trait), f"{sentence} takes a file.")


def _host(address: object) -> str | None:
    """The host of an address that is one; a broken address is a fault of its own."""
    try:
        return urlsplit(TypeAdapter(WebAddress).validate_python(address)).hostname
    except ValidationError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _get(holder: object, key: str) -> object:
    return holder.get(key) if isinstance(holder, dict) else None


def _items(raw: dict[str, Any], section: str) -> list[Any]:
    items = raw.get(section)
    return items if isinstance(items, list) else []


def _names(raw: dict[str, Any], section: str, key: str) -> list[str]:
    return [item[key] for item in _items(raw, section) if isinstance(item, dict) and isinstance(item.get(key), str)]


def _valid_mounts(raw: dict[str, Any]) -> Iterator[tuple[Location, Mount]]:
    for position, item in enumerate(_items(raw, "mounts")):
        try:
            yield ("mounts", position), Mount.model_validate(item)
        except ValidationError:
            continue
