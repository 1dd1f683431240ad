"""Recognise the licence an archive names, in any of the spellings archives use.

Identifiers are those of the SPDX licence list. What is not recognised stays unknown, with the archive's words.
"""

from __future__ import annotations

import re

from lifedesk_catalogue.model import Licence

_CREATIVE_COMMONS = re.compile(
    r"\b(?:cc|creative\s*commons)\W*(?P<terms>by(?:\W*(?:nc|nd|sa))*|attribution(?:\W*(?:non\W*commercial|share\W*alike|"
    r"no\W*deriv\w*))*)\W*(?:v(?:ersion)?\.?\s*)?(?P<version>[1-4]\.[05])?(?!\d)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<terms>by(?:-nc)?(?:-nd|-sa)?)/(?P<version>\d\.\d)|publicdomain/(?P<public>zero|mark)/1\.0)",
    re.IGNORECASE,
)
_OTHERS = {
    "mit": ("MIT", "https://opensource.org/license/mit"),
    "apache-2.0": ("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    "bsd-3-clause": ("BSD-3-Clause", "https://opensource.org/license/bsd-3-clause"),
    "pddl-1.0": ("PDDL-1.0", "https://opendatacommons.org/licenses/pddl/1-0/"),
    "odc-by-1.0": ("ODC-By-1.0", "https://opendatacommons.org/licenses/by/1-0/"),
    "odbl-1.0": ("ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
}


def licence(raw: str | None, url: str | None = None) -> Licence:
    """The licence named by the archive's words and, where given, its address."""
    words = (raw or "").strip()
    for text in (url or "", words):
        if found := _ADDRESS.search(text):
            return _from_address(words or None, found)
    spaced = words.replace("_", " ")
    known = _zero(spaced) or _attribution(spaced) or _OTHERS.get(_short(words))
    if known:
        return Licence(raw=words, spdx=known[0], url=url or known[1])
    address = words if re.match(r"https?://", words) else None
    return Licence(raw=words or None, url=url or address)


def _from_address(words: str | None, found: re.Match[str]) -> Licence:
    raw = words or f"https://{found.group()}"
    if public := found["public"]:
        spdx = "CC0-1.0" if public.lower() == "zero" else None
        return Licence(raw=raw, spdx=spdx, url=f"https://creativecommons.org/publicdomain/{public.lower()}/1.0/")
    terms, version = found["terms"].lower(), found["version"]
    return Licence(
        raw=raw, spdx=f"CC-{terms.upper()}-{version}", url=f"https://creativecommons.org/licenses/{terms}/{version}/"
    )


def _zero(words: str) -> tuple[str, str] | None:
    if re.search(r"\bcc\W*(?:0|zero)\b", words, re.IGNORECASE):
        return "CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"
    return None


def _attribution(words: str) -> tuple[str, str] | None:
    found = _CREATIVE_COMMONS.search(words)
    if not found or not found["version"]:
        return None  # "CC BY" without a version names a family of licences, not one
    text = re.sub(r"\W", "", found["terms"].lower())
    parts = ["by"]
    parts += ["nc"] if "nc" in text or "noncommercial" in text else []
    parts += ["nd"] if "nd" in text or "noderiv" in text else ["sa"] if "sa" in text or "sharealike" in text else []
    terms = "-".join(parts)
    return f"CC-{terms.upper()}-{found['version']}", f"https://creativecommons.org/licenses/{terms}/{found['version']}/"


def _short(words: str) -> str:
    return re.sub(r"[\s_]+", "-", words.lower()).removesuffix("-license").removesuffix("-licence")
