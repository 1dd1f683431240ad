"""Groups of this node that somebody belongs to, from the provider's claims.

Group URNs follow AARC-G069 (https://aarc-community.org/guidelines/aarc-g069) and its predecessor AARC-G002:
`<NAMESPACE>:group:<GROUP>[:<SUBGROUP>*][:role=<ROLE>][#<AUTHORITY>]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lifedesk_hub.site import Group

LONGEST_VALUE = 1024
MOST_VALUES = 5000
# RFC 8141 section 2: what a namespace-specific string may hold, without its r- and q-components.
_CHARACTER = r"(?:[a-z0-9._~!$&'()*+,;=:@/-]|%[0-9a-f]{2})"
_URN = re.compile(rf"urn:(?P<nid>[a-z0-9][a-z0-9-]{{0,30}}[a-z0-9]):(?P<nss>{_CHARACTER}+)", re.IGNORECASE | re.ASCII)
_AUTHORITY = re.compile(rf"(?:{_CHARACTER}|\?)+", re.IGNORECASE | re.ASCII)
_PERCENT = re.compile(r"%[0-9a-f]{2}", re.I)
_ROLE = "role="


@dataclass(frozen=True)
class GroupMembership:
    """One parsed group URN. Two are the same group when all parts but the authority are equal."""

    namespace: str
    path: tuple[str, ...]
    """Group and subgroups, still percent-encoded. Being in a subgroup says nothing about the group, nor the reverse."""
    role: str | None
    authority: str | None

    @property
    def identity(self) -> tuple[str, tuple[str, ...], str | None]:
        """What is compared; the authority is an RFC 8141 f-component and so not part of it."""
        return self.namespace, self.path, self.role


def parse_group_urn(value: str) -> GroupMembership | None:
    """The group that the URN names, or None if it is no valid group URN (a capability, another form, damaged)."""
    if len(value) > LONGEST_VALUE:
        return None
    name, has_authority, authority = value.partition("#")
    match = _URN.fullmatch(name)
    if match is None or (has_authority and _AUTHORITY.fullmatch(authority) is None):
        return None
    before, separator, after = _upper_percent(match["nss"]).partition(":group:")
    parts = after.split(":")
    role = parts.pop() if parts[-1].startswith(_ROLE) else None
    if not separator or not all((*before.split(":"), *parts)) or not parts:
        return None
    if role == _ROLE or any(part.startswith(_ROLE) for part in parts):
        return None
    return GroupMembership(
        namespace=f"urn:{match['nid'].lower()}:{before}",
        path=tuple(parts),
        role=role.removeprefix(_ROLE) if role else None,
        authority=authority or None,
    )


def claim_values(claim: object) -> tuple[str, ...]:
    """The values of a groups claim: a list of texts, or one text for a single value. Everything else is left out."""
    values = claim if isinstance(claim, list) else [claim]
    texts = (value for value in values[:MOST_VALUES] if isinstance(value, str))
    return tuple(value for value in texts if 0 < len(value) <= LONGEST_VALUE)


def groups_of(groups: Iterable[Group], subject: str, values: Iterable[str]) -> frozenset[str]:
    """Names of the site's `groups` that the person belongs to, who holds `values` in the groups claim."""
    held = frozenset(values)
    memberships = [membership for value in held if (membership := parse_group_urn(value))]
    return frozenset(group.name for group in groups if _is_member(group, subject, held, memberships))


def _is_member(group: Group, subject: str, held: frozenset[str], memberships: list[GroupMembership]) -> bool:
    if subject in group.subjects or not held.isdisjoint(group.claim_values):
        return True
    wanted = [parse_group_urn(urn) for urn in group.urns]
    return any(_grants(urn, membership) for urn in wanted if urn for membership in memberships)


def _grants(wanted: GroupMembership, held: GroupMembership) -> bool:
    return wanted.identity == held.identity and wanted.authority in (None, held.authority)


def _upper_percent(text: str) -> str:
    """RFC 8141 section 3.1: the hexadecimal digits of percent-encodings compare without case; nothing is decoded."""
    return _PERCENT.sub(lambda match: match[0].upper(), text)
