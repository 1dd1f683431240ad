"""Names: the hub's name for a person, made from the provider's identifier, and the name people see."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Mapping

USERNAME_PATTERN = r"^u[a-z2-7]{24}$"
"""Same under every spawner's escaping, valid in DNS labels, container and volume names."""

UNNAMED = "Unnamed person"
_SUBJECT = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
_LONGEST_DISPLAY_NAME = 80
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def is_subject(value: object) -> bool:
    """Whether the value can identify a person: 1 to 255 printable ASCII characters, no space at either end.

    Everything else could be mistaken for another identifier after case folding, normalisation or trimming.
    """
    return isinstance(value, str) and _SUBJECT.fullmatch(value) is not None


def username_for(provider_id: str, subject: str) -> str:
    """The hub's name for the person whom a provider knows as `subject`: 120 bits of a SHA-256.

    Raises `ValueError` for what `is_subject` denies.
    """
    if not is_subject(subject):
        raise ValueError("an identifier has 1 to 255 printable ASCII characters")
    digest = hashlib.sha256(f"{provider_id}\n{subject}".encode("ascii")).digest()
    return "u" + base64.b32encode(digest).decode("ascii").lower()[:24]


def name_from_claims(claims: Mapping[str, object]) -> str:
    """The name to show for a person: `name`, else given and family name, else what they like to be called."""
    parts = (clean_text(claims.get("given_name")), clean_text(claims.get("family_name")))
    candidates = (
        clean_text(claims.get("name")),
        " ".join(part for part in parts if part),
        clean_text(claims.get("preferred_username")),
        clean_text(claims.get("login")),
    )
    return next((name for name in candidates if name), UNNAMED)


def clean_text(value: object, longest: int = _LONGEST_DISPLAY_NAME) -> str:
    """The text on one line, without control, direction-changing and other invisible characters, cut to `longest`.

    Empty for anything that is no text.
    """
    if not isinstance(value, str):
        return ""
    head = unicodedata.normalize("NFC", value[: longest * 8])
    shown = "".join(" " if character.isspace() else character for character in head)
    shown = "".join(character for character in shown if unicodedata.category(character) not in _HIDDEN)
    return " ".join(shown.split())[:longest].rstrip()


def display_name(user: object) -> str:
    """What people call this user (a JupyterHub user or its database row); never the hub's own name for them."""
    information = getattr(user, "user_info", None)
    name = information.get("display_name") if isinstance(information, Mapping) else None
    return name if isinstance(name, str) and name else UNNAMED
