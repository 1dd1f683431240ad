"""Write the list of an image's software (CycloneDX 1.6, JSON): `sbom.py NAME TOOLS OUTPUT`.

TOOLS is the folder with the packages of requirements/build.txt; they read, but are no part of, the image. The list has
every Debian and every Python package with its package URL, licence, homepage and what it depends on, and the npm
packages in the browser's part of JupyterLab and of the desktop. The image itself, in `metadata.component`, depends on
those packages that it and the images below it ask for by name. Equal images give equal lists: there is no time and no
serial number in them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[2])  # not PYTHONPATH, which the environment that is looked at would inherit

from cyclonedx import spdx
from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from debian.copyright import Copyright, NotMachineReadableError
from packageurl import PackageURL

IMAGES = Path("/opt/lifedesk/images")
BUNDLES = Path("/opt/venv/share")
ENVIRONMENT = Path("/opt/venv/bin/python")
_RUN_TOOL = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('cyclonedx_py', run_name='__main__')"
)
_FIELDS = (
    "Package", "Version", "Architecture", "source:Package", "Depends", "Pre-Depends", "Provides", "Homepage",
    "binary:Summary",
)  # fmt: skip
_NAMES_OF_DEBIAN = {"expat": "MIT", "zlib/libpng": "Zlib", "bsd": "BSD-3-Clause", "psf": "PSF-2.0"}


@dataclass(frozen=True)
class Package:
    """A Debian package as dpkg knows it."""

    name: str
    version: str
    architecture: str
    source: str
    depends: tuple[tuple[str, ...], ...]  # one of each is needed
    provides: tuple[str, ...]
    homepage: str
    summary: str


def read_packages(listing: str) -> list[Package]:
    """What dpkg-query prints for `_FIELDS`, tabs between them."""
    found = []
    for line in listing.splitlines():
        name, version, architecture, source, depends, before, provides, homepage, summary = line.split("\t")
        alternatives = [tuple(_names(group, "|")) for group in f"{depends},{before}".split(",") if group.strip()]
        provided = tuple(_names(provides, ","))
        found.append(Package(name, version, architecture, source, tuple(alternatives), provided, homepage, summary))
    return sorted(found, key=lambda package: package.name)


def licence_names(copyright_file: str) -> list[str]:
    """The licences a Debian copyright file names, as SPDX identifiers where there is one.

    Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/. Of a file in free text, those licences
    whose text it refers to in /usr/share/common-licenses.
    """
    try:
        paragraphs = Copyright(copyright_file.splitlines(), strict=False).all_files_paragraphs()
        licences = [paragraph.license for paragraph in paragraphs if paragraph.license]
        named = {licence.synopsis for licence in licences}  # type: ignore[attr-defined]  # a field without a type
    except (NotMachineReadableError, ValueError):
        named = set(re.findall(r"/usr/share/common-licenses/([\w.+-]*\w\+?)", copyright_file))
    single = {name.strip(" ,()") for names in named for name in re.split(r"\s+(?:and|or|and/or)\s+|\|", names)}
    return sorted({_spdx(name) for name in single if name})


def debian_components(packages: Iterable[Package], documents: Path, distribution: str) -> dict[str, Component]:
    """Name → component; `documents` holds the packages' copyright files.

    A package without one has its licences from another that was made from the same source.
    """
    components = {}
    packages = list(packages)
    files = {package.name: documents / package.name / "copyright" for package in packages}
    there = {package.source: files[package.name] for package in packages if files[package.name].is_file()}
    for package in packages:
        qualifiers = {"arch": package.architecture, "distro": distribution}
        purl = PackageURL("deb", "debian", package.name, package.version, qualifiers)
        file = files[package.name] if files[package.name].is_file() else there.get(package.source)
        text = file.read_text(encoding="utf-8", errors="replace") if file else ""
        page = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(package.homepage))]
        components[package.name] = Component(
            name=package.name,
            version=package.version,
            type=ComponentType.LIBRARY,
            purl=purl,
            bom_ref=purl.to_string(),
            description=package.summary,
            licenses=[_licence(name) for name in licence_names(text)],
            external_references=page if package.homepage else [],
        )
    return components


def debian_dependencies(packages: Iterable[Package], components: Mapping[str, Component]) -> Iterator[Dependency]:
    """What each package depends on, of that which is installed."""
    packages = list(packages)
    offered = {name: package.name for package in packages for name in (*package.provides, package.name)}
    for package in packages:
        needed = {offered[name] for group in package.depends for name in group if name in offered} - {package.name}
        yield Dependency(components[package.name].bom_ref, [Dependency(components[name].bom_ref) for name in needed])


def npm_components(bundles: Path) -> Iterator[tuple[Component, bool]]:
    """What the bundles for the browser in `bundles` are made of, and whether it is the desktop's page that asks for it.

    Each bundle has a file that says so, as webpack's licence plugin of JupyterLab writes it:
    https://github.com/jupyterlab/jupyterlab/blob/v4.6.0/builder/src/webpack.config.base.ts
    """
    for file in sorted(bundles.rglob("third-party-licenses.json")):
        for package in json.loads(file.read_text(encoding="utf-8"))["packages"]:
            scope, _, name = package["name"].rpartition("/")
            version, licence = package["versionInfo"], package["licenseId"]
            purl = PackageURL("npm", scope or None, name, version)
            component = Component(
                name=package["name"],
                version=version,
                type=ComponentType.LIBRARY,
                purl=purl,
                bom_ref=purl.to_string(),
                licenses=[_npm_licence(licence)] if licence else [],
            )
            yield component, bundles / "lifedesk" in file.parents


def asked_for(folder: Path) -> tuple[set[str], set[str]]:
    """The Debian and the Python packages that the lists in `folder`/*/ name."""
    debian = {line.split("#")[0].strip() for file in folder.glob("*/debian.txt") for line in _lines(file)}
    lines = [line.split("#")[0].strip() for file in folder.glob("*/*.in") for line in _lines(file)]
    python = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith("-")]
    return debian - {""}, {normal(found[0]) for found in python if found}


def normal(name: str) -> str:
    """A Python package's name in the form that is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Places:
    """Where to look: the packages' copyright files, the lists of what images ask for, bundles for the browser."""

    documents: Path = Path("/usr/share/doc")
    images: Path = IMAGES
    bundles: Path = BUNDLES


def complete(bom: Bom, name: str, packages: list[Package], distribution: str, places: Places) -> None:
    """Add the Debian and npm packages and the image itself to the list of Python packages `bom`."""
    python = {normal(component.name): component for component in bom.components}
    for component in bom.components:
        if component.purl is None:  # one of ours, from a folder that is gone
            component.purl = PackageURL("generic", None, component.name, component.version)
            component.external_references.clear()
    debian = debian_components(packages, places.documents, distribution)
    bom.components.update(debian.values())
    bom.dependencies.update(debian_dependencies(packages, debian))
    npm = list(npm_components(places.bundles))
    bom.components.update(component for component, _ in npm)
    version = os.environ.get("VERSION") or None
    bom.metadata.component = Component(
        name=f"lifedesk/{name}", version=version, type=ComponentType.CONTAINER, bom_ref=BomRef("image")
    )
    wanted_debian, wanted_python = asked_for(places.images)
    wanted = [debian[wanted] for wanted in wanted_debian & set(debian)]
    wanted += [python[wanted] for wanted in wanted_python & set(python)]
    wanted += [component for component, is_asked_for in npm if is_asked_for]
    bom.register_dependency(bom.metadata.component, wanted)


def written(bom: Bom) -> str:
    """The list as JSON, without the time and the random number that the library puts in."""
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["serialNumber"], document["metadata"]["timestamp"]
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(name: str, tools: str, output: str) -> None:
    """Look at this machine, which is an image being built, and write the list to `output`."""
    environment = [sys.executable, "-IB", "-c", _RUN_TOOL, tools, "environment", "--output-reproducible", "--sv", "1.6"]
    done = subprocess.run([*environment, "-o", output, str(ENVIRONMENT)], check=False)
    if done.returncode:
        raise SystemExit(f"sbom: the Python packages of {ENVIRONMENT} could not be listed, see above.")
    python = json.loads(Path(output).read_text(encoding="utf-8"))
    bom = Bom.from_json(python)  # type: ignore[attr-defined]  # a decorator of the library adds it
    query = ["dpkg-query", "--show", "--showformat", "\t".join(f"${{{field}}}" for field in _FIELDS) + "\n"]
    packages = read_packages(subprocess.run(query, check=True, capture_output=True, text=True).stdout)
    release = Path("/etc/debian_version").read_text(encoding="utf-8").strip()
    complete(bom, name, packages, f"debian-{release}", Places())
    Path(output).write_text(written(bom), encoding="utf-8")


def _names(text: str, separator: str) -> Iterator[str]:
    for part in text.split(separator):
        if found := re.match(r"\s*([a-z0-9][a-z0-9.+-]*)", part):
            yield found[1]


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _spdx(name: str) -> str:
    if found := re.fullmatch(r"(A?GPL|LGPL|GFDL)-?v?(\d)(\.\d)?(?:\.0)*(\+)?", name, re.IGNORECASE):
        which = "or-later" if found[4] else "only"
        name = f"{found[1].upper()}-{found[2]}{found[3] or '.0'}-{which}"
    known = _NAMES_OF_DEBIAN.get(name.lower(), name)
    return spdx.fixup_id(known) or known


def _licence(name: str) -> DisjunctiveLicense:
    return DisjunctiveLicense(id=name) if spdx.is_supported_id(name) else DisjunctiveLicense(name=name)


def _npm_licence(name: str) -> DisjunctiveLicense | LicenseExpression:
    return LicenseExpression(name) if spdx.is_expression(name) and " " in name else _licence(name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
