"""Group URNs and what they grant."""

from __future__ import annotations

from typing import Any

import pytest

from lifedesk_hub.login.groups import GroupMembership, claim_values, groups_of, parse_group_urn
from lifedesk_hub.site import Group

LS = "urn:geant:lifescience-ri.eu:group:lifescience:communities_and_projects:EUCAIM#aai.lifescience-ri.eu"
ELIXIR = "urn:geant:elixir-europe.org:group:elixir:ELIXIR%20AAI:staff#perun.elixir-czech.cz"
EGI = "urn:mace:egi.eu:group:fedcloud.egi.eu:role=vm_operator#aai.egi.eu"


def held_by(group: dict[str, Any], *values: str, subject: str = "somebody") -> bool:
    """Whether a group defined so has a member who holds the values."""
    return groups_of([Group.model_validate({"name": "ours", **group})], subject, values) == {"ours"}


@pytest.mark.parametrize(
    ("urn", "membership"),
    [
        (
            LS,
            GroupMembership(
                "urn:geant:lifescience-ri.eu",
                ("lifescience", "communities_and_projects", "EUCAIM"),
                None,
                "aai.lifescience-ri.eu",
            ),
        ),
        (EGI, GroupMembership("urn:mace:egi.eu", ("fedcloud.egi.eu",), "vm_operator", "aai.egi.eu")),
        (
            ELIXIR,
            GroupMembership(
                "urn:geant:elixir-europe.org", ("elixir", "ELIXIR%20AAI", "staff"), None, "perun.elixir-czech.cz"
            ),
        ),
        ("URN:GEANT:x.example:group:a%2fb", GroupMembership("urn:geant:x.example", ("a%2Fb",), None, None)),
        ("urn:geant:x.example:group:group:a", GroupMembership("urn:geant:x.example", ("group", "a"), None, None)),
    ],
)
def test_a_group_urn_is_read_into_its_parts(urn: str, membership: GroupMembership) -> None:
    assert parse_group_urn(urn) == membership


@pytest.mark.parametrize(
    "value",
    [
        "",
        "imaging",
        "[]",
        "urn:mace:egi.eu:res:rcauth#aai.egi.eu",
        "urn:mace:egi.eu:aai.egi.eu:member@fedcloud.egi.eu",
        "urn:geant:x.example:group:",
        "urn:geant:x.example:group",
        "urn:geant:group:a",
        "urn:geant::group:a",
        "urn:geant:x.example:group:a::b",
        "urn:geant:x.example:group:a:",
        "urn:geant:x.example:group:role=member",
        "urn:geant:x.example:group:a:role=",
        "urn:geant:x.example:group:a:role=x:b",
        "urn:geant:x.example:group:a#",
        "urn:geant:x.example:group:a#b#c",
        "urn:geant:x.example:group:a?+resolve",
        "urn:geant:x.example:group:a b",
        "urn:geant:x.example:group:a%2",
        "urn:geant:x.example:group:a\n",
        "urn:geant:x.example:group:\u0430",
        "urn:geant:x.example:group:\N{KELVIN SIGN}",
        " urn:geant:x.example:group:a",
        "xurn:geant:x.example:group:a",
        "urn:geant:x.example:group:" + "a" * 2000,
    ],
)
def test_anything_else_is_no_group(value: str) -> None:
    assert parse_group_urn(value) is None


@pytest.mark.parametrize(
    ("configured", "held", "grants"),
    [
        (LS, LS, True),
        (LS, LS.replace("#aai.", "#evil."), False),
        (LS, LS.partition("#")[0], False),
        (LS.partition("#")[0], LS, True),
        (LS.partition("#")[0], LS.replace("#aai.", "#other."), True),
        (LS, LS.replace("lifescience-ri.eu:group", "lifescience-ri.evil:group"), False),
        (LS, LS.replace("urn:geant", "urn:mace"), False),
        (LS, LS.replace("urn:geant", "URN:Geant"), True),
        (LS, LS.replace("EUCAIM", "eucaim"), False),
        (LS, LS.replace(":EUCAIM", ""), False),
        (LS, LS.replace("EUCAIM", "EUCAIM:sub"), False),
        (LS, LS.replace("EUCAIM", "EUCAIM:role=manager"), False),
        (LS, LS.replace("EUCAIM", "EUCAI%4D"), False),
        (ELIXIR, ELIXIR.replace("%20", " "), False),
        (EGI, EGI, True),
        (EGI, EGI.replace("vm_operator", "member"), False),
        (EGI, EGI.replace(":role=vm_operator", ""), False),
        ("urn:geant:x.example:group:a%2fb", "urn:geant:x.example:group:a%2Fb", True),
        ("urn:geant:x.example:group:a%2fb", "urn:geant:x.example:group:a/b", False),
    ],
)
def test_a_urn_grants_a_group_only_if_every_part_is_the_same(configured: str, held: str, grants: bool) -> None:
    assert held_by({"urns": [configured]}, held) is grants


def test_plain_values_and_subjects_grant_exactly() -> None:
    assert held_by({"claim_values": ["imaging"]}, "imaging")
    assert not held_by({"claim_values": ["imaging"]}, "Imaging")
    assert not held_by({"claim_values": ["imaging"]}, "imaging2")
    assert held_by({"subjects": ["0000-0002-1825-0097"]}, subject="0000-0002-1825-0097")
    assert not held_by({"subjects": ["0000-0002-1825-0097"]}, subject="0000-0002-1825-009")
    assert not held_by({"subjects": ["imaging"]}, "imaging")


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        (["a", "b"], ("a", "b")),
        ("urn:geant:x.example:group:a", ("urn:geant:x.example:group:a",)),
        ("a b", ("a b",)),
        (None, ()),
        ("", ()),
        (7, ()),
        (True, ()),
        ({"a": "b"}, ()),
        (["a", 1, None, ["b"], {"c": 1}, ""], ("a",)),
        (["a" * 2000, "b"], ("b",)),
    ],
)
def test_a_groups_claim_of_any_kind_is_read(claim: object, values: tuple[str, ...]) -> None:
    assert claim_values(claim) == values
