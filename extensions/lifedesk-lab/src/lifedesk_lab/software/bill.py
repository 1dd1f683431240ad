"""The image's bill of materials as a page needs it. Format: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path("/opt/lifedesk/sbom.cdx.json")
_KINDS = {"pkg:pypi/": "python", "pkg:deb/": "debian", "pkg:npm/": "browser"}
_CLASSIFIER = "License :: "


@dataclass(frozen=True)
class Package:
    """One package of the image."""

    name: str
    version: str
    kind: str
    """`python`, `debian`, `browser` or `other`."""
    licences: tuple[str, ...]
    description: str
    homepage: str | None
    is_chosen: bool
    """Whether the image asks for it by name or it is our own; the others are what these need."""


@dataclass(frozen=True)
class Bill:
    """What an image is and what it holds, in alphabetical order."""

    image: str
    version: str
    packages: tuple[Package, ...]

    def of_kind(self, kind: str) -> list[Package]:
        """The packages of one kind."""
        return [package for package in self.packages if package.kind == kind]


def read_bill(file: Path = FILE) -> Bill:
    """The bill of this image; one without packages in an image that has none."""
    if not file.is_file():
        return Bill("", "", ())
    document: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    subject = _mapping(_mapping(document.get("metadata")).get("component"))
    needs = {entry.get("ref"): entry.get("dependsOn") for entry in _mappings(document.get("dependencies"))}
    chosen = frozenset(_strings(needs.get(subject.get("bom-ref"))))
    packages = [_package(component, chosen) for component in _mappings(document.get("components"))]
    return Bill(
        _text(subject, "name"), _text(subject, "version"), tuple(sorted(packages, key=lambda found: found.name.lower()))
    )


def matching(packages: Iterable[Package], words: Sequence[str]) -> list[Package]:
    """The packages whose name, licence or description has all of `words`, in upper or lower case."""
    wanted = [word.lower() for word in words]
    return [package for package in packages if all(word in _searched(package) for word in wanted)]


def _searched(package: Package) -> str:
    return " ".join([package.name, *package.licences, package.description]).lower()


def _package(component: Mapping[str, object], chosen: frozenset[str]) -> Package:
    purl = _text(component, "purl")
    kind = next((kind for start, kind in _KINDS.items() if purl.startswith(start)), "other")
    return Package(
        name=_text(component, "name"),
        version=_text(component, "version"),
        kind=kind,
        licences=tuple(_licences(component)),
        description=_text(component, "description"),
        homepage=_homepage(component),
        is_chosen=kind == "other" or _text(component, "bom-ref") in chosen,
    )


def _licences(component: Mapping[str, object]) -> list[str]:
    found = []
    for choice in _mappings(component.get("licenses")):
        licence = _mapping(choice.get("license"))
        name = _text(choice, "expression") or _text(licence, "id") or _text(licence, "name")
        if name and name not in found:
            found.append(name.splitlines()[0])
    # Python's classifiers repeat in other words what the licence field says, where there is one.
    plain = [name for name in found if not name.startswith(_CLASSIFIER)]
    return plain or [name.rpartition(" :: ")[2] for name in found]


def _homepage(component: Mapping[str, object]) -> str | None:
    references = {_text(entry, "type"): _text(entry, "url") for entry in _mappings(component.get("externalReferences"))}
    address = references.get("website") or references.get("vcs") or ""
    return address if address.startswith(("https://", "http://")) else None


def _text(value: Mapping[str, object], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [_mapping(entry) for entry in value] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
