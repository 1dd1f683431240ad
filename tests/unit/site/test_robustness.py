"""Whatever stands in a site file, it loads or gets a report: nothing else is ever raised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifedesk_hub.site import SiteFileError, load_site
from lifedesk_hub.site.document import Location, read_document
from tests.support.site import IMAGES

ROOT = Path(__file__).parents[3]
ODD: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    1e300,
    "",
    " ",
    "\0",
    "a\nb",
    "../..",
    "~nobody/x",
    "é" * 500,
    [],
    [[]],
    {},
    {"": []},
]


def locations(value: object, at: Location = ()) -> Iterator[Location]:
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from locations(inner, (*at, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from locations(inner, (*at, position))


def replaced(value: object, at: Location, odd: object) -> object:
    if not at:
        return odd
    if isinstance(value, dict):
        return {key: replaced(inner, at[1:], odd) if key == at[0] else inner for key, inner in value.items()}
    assert isinstance(value, list)
    return [replaced(inner, at[1:], odd) if position == at[0] else inner for position, inner in enumerate(value)]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_an_odd_value_in_any_place_is_a_value_or_a_fault(odd: object, tmp_path: Path) -> None:
    values = read_document(ROOT / "tests/sites/good/facility.yaml").values
    file = tmp_path / "lifedesk.yaml"
    reports = []
    for at in locations(values):
        file.write_text(json.dumps(replaced(values, at, odd)), encoding="utf-8")  # JSON is YAML
        try:
            load_site(file, IMAGES)
        except SiteFileError as error:
            reports.append(str(error))
    assert len(reports) > 20
    assert all(line.isprintable() for report in reports for line in report.splitlines())


@pytest.mark.parametrize("name", ["facility", "anchors"])
def test_a_file_cut_off_anywhere_loads_or_gets_a_report(name: str, tmp_path: Path) -> None:
    whole = (ROOT / f"tests/sites/good/{name}.yaml").read_bytes()
    file = tmp_path / "lifedesk.yaml"
    refused = 0
    for end in range(0, len(whole), 7):
        file.write_bytes(whole[:end])
        try:
            load_site(file, IMAGES)
        except SiteFileError:
            refused += 1
    assert refused > 50
