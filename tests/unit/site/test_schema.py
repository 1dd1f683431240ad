"""The JSON Schema for editors and the reference in docs/ say the same as the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lifedesk_hub.site import site_schema
from lifedesk_hub.site.document import read_document
from lifedesk_hub.site.reference import site_reference

ROOT = Path(__file__).parents[3]
SITES = ROOT / "tests/sites"
GOOD = [*sorted((SITES / "good").glob("*.yaml")), ROOT / "lifedesk.yaml"]
EDITORS_REFUSE = (
    "empty",
    "impossible-limits",
    "not-a-mapping",
    "profile-without-size",
    "secret-inline",
    "secret-inline-as-key",
    "secret-inline-in-list",
    "secret-in-wrong-key",
    "unknown-key",
    "unknown-provider",
    "very-long",
    "wrong-type",
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return site_schema()


def mappings(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "Site", schema
    yield from schema["$defs"].items()


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_site_file_fits_the_schema(path: Path, schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(read_document(path).values)


@pytest.mark.parametrize("name", EDITORS_REFUSE)
def test_an_editor_already_refuses_a_structural_fault(name: str, schema: dict[str, Any]) -> None:
    values = read_document(SITES / "bad" / f"{name}.yaml").values
    assert not Draft202012Validator(schema).is_valid(values)


def test_every_mapping_is_closed(schema: dict[str, Any]) -> None:
    assert {name for name, part in mappings(schema) if part.get("additionalProperties") is not False} == set()


def test_the_override_is_the_only_free_mapping(schema: dict[str, Any]) -> None:
    fields = {f"{name}.{key}": field for name, part in mappings(schema) for key, field in part["properties"].items()}
    assert [name for name, field in fields.items() if field.get("type") == "object"] == ["Site.hub_override"]


def test_every_field_has_a_description_that_ends_with_a_full_stop(schema: dict[str, Any]) -> None:
    undescribed = [
        f"{name}.{key}"
        for name, part in mappings(schema)
        for key, field in part["properties"].items()
        if not str(field.get("description", "")).endswith(".")
    ]
    assert undescribed == []


def test_the_patterns_are_ones_that_editors_know(schema: dict[str, Any]) -> None:
    assert "(?P<" not in str(schema)


def test_the_reference_in_the_documentation_is_up_to_date() -> None:
    assert (ROOT / "docs/site-file.md").read_text(encoding="utf-8") == site_reference(), (
        "write it anew: python -m lifedesk_hub.site.reference > docs/site-file.md"
    )


def test_the_reference_names_every_field_and_every_kind_of_mapping_once(schema: dict[str, Any]) -> None:
    lines = site_reference().splitlines()
    fields = sorted(f"| `{key}` |" for _, part in mappings(schema) for key in part["properties"])
    assert sorted(line[: line.index("|", 2) + 1] for line in lines if line.startswith("| `")) == fields
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert sorted(headings) == sorted(["The file", *schema["$defs"]])
