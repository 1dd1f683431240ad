"""Names of people: for the hub from the provider's identifier, for other people from claims."""

from __future__ import annotations

import re
import unicodedata
from types import SimpleNamespace

import pytest

from lifedesk_hub.login import display_name
from lifedesk_hub.login.names import (
    UNNAMED,
    USERNAME_PATTERN,
    clean_text,
    is_subject,
    name_from_claims,
    username_for,
)

SUBJECTS = [
    "a1b2@lifescience-ri.eu",
    "Alice",
    "alice",
    "ALICE",
    "a-b",
    "a_b",
    "a.b",
    "0000-0002-1825-0097",
    "http://cilogon.org/serverA/users/1",
    "/C=DE/O=Institute/CN=Jane Doe",
    "root",
    "hub",
    "-rf",
    "$(id)",
    "..%2f..%2fhub",
    "x" * 255,
]


def test_every_identifier_has_a_name_of_its_own_that_fits_everywhere() -> None:
    names = [username_for("ls-login", subject) for subject in SUBJECTS]
    assert len(set(names)) == len(SUBJECTS)
    assert all(re.fullmatch(USERNAME_PATTERN, name) for name in names)


def test_names_never_change() -> None:
    # Everybody's home hangs on these.
    assert username_for("demo", "a1b2@lifescience-ri.eu") == "u6no4d3dale4we7wwlg4dmhti"
    assert username_for("ls-login", "a1b2@lifescience-ri.eu") == "usfgwn2ex4vtmmdrwg3ao4m7h"


@pytest.mark.parametrize(
    "value",
    [
        "",
        " a",
        "a ",
        "a\n",
        "a\x00b",
        "a\tb",
        "\u0430lice",
        "\N{KELVIN SIGN}im",
        "zero\u200bwidth",
        "\u202eabc",
        unicodedata.normalize("NFD", "é"),
        "é",
        "x" * 256,
        None,
        7,
        True,
        ["a"],
        {"a": 1},
        b"a",
    ],
)
def test_what_could_be_mistaken_for_another_identifier_is_none(value: object) -> None:
    assert not is_subject(value)


def test_no_name_is_made_for_what_is_no_identifier() -> None:
    with pytest.raises(ValueError, match="1 to 255 printable ASCII characters"):
        username_for("demo", "a\nb")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Ada Lovelace", "given_name": "A"}, "Ada Lovelace"),
        ({"given_name": "Ada", "family_name": "Lovelace", "preferred_username": "ada"}, "Ada Lovelace"),
        ({"family_name": "Lovelace"}, "Lovelace"),
        ({"preferred_username": "ada"}, "ada"),
        ({"login": "ada"}, "ada"),
        ({"name": ["Ada"], "given_name": 7}, UNNAMED),
        ({"name": "\u200b \n"}, UNNAMED),
        ({}, UNNAMED),
    ],
)
def test_the_name_shown_comes_from_the_first_claim_that_holds_one(claims: dict[str, object], name: str) -> None:
    assert name_from_claims(claims) == name


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("\u202eevil\u202c", "evil"),
        ("a\u2066b\u2069c", "abc"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("A\u0301sa", "\u00c1sa"),
        ("\ud800x", "x"),
        ("x" * 500, "x" * 80),
        ("Łukasz Ønskedal 田中", "Łukasz Ønskedal 田中"),
    ],
)
def test_text_is_cleaned_for_showing(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_a_user_is_shown_by_the_name_from_the_claims() -> None:
    assert display_name(SimpleNamespace(name="uxxxx", user_info={"display_name": "Ada"})) == "Ada"


@pytest.mark.parametrize("information", [None, {}, {"display_name": ""}, {"display_name": 7}, "Ada"])
def test_a_user_without_a_name_is_never_shown_by_the_hubs_name(information: object) -> None:
    assert display_name(SimpleNamespace(name="uxxxx", user_info=information)) == UNNAMED
