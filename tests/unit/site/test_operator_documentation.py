"""What docs/operator.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lifedesk_hub.site import SiteFileError, load_site
from tests.support.site import IMAGES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/operator.md").read_text(encoding="utf-8")
SITES = [block for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) if "profiles:" in block]
REPORTS = re.findall(r"^```text\n(\S+\.yaml): \d+ faults?\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_there_is_a_site_file_and_a_report_to_look_at() -> None:
    assert SITES
    assert REPORTS


@pytest.mark.parametrize("example", SITES)
def test_a_site_file_that_is_shown_loads(example: str, tmp_path: Path) -> None:
    file = tmp_path / "lifedesk.yaml"
    file.write_text(example, encoding="utf-8")
    assert load_site(file, IMAGES).groups


@pytest.mark.parametrize(("name", "lines"), REPORTS)
def test_a_report_that_is_shown_is_what_the_file_gets(name: str, lines: str) -> None:
    with pytest.raises(SiteFileError) as refusal:
        load_site(ROOT / "tests/sites/bad" / name, IMAGES)
    assert str(refusal.value).partition("\n")[2] + "\n" == lines


def test_every_link_leads_to_a_file() -> None:
    documents = TEXT + (ROOT / "docs/site-file.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https://)([^)#]+)[^)]*\)", documents):
        assert (ROOT / "docs" / target).is_file(), target
