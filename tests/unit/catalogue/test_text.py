"""Plain text, DOIs, dates, sizes and licences out of what archives write."""

from __future__ import annotations

from datetime import date

import pytest

from lifedesk_catalogue.licences import licence
from lifedesk_catalogue.text import bare_doi, count, day, duration_text, plain_text, size_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>Two <b>words</b></p>", "Two words"),
        ("a &lt;script&gt;alert(1)&lt;/script&gt; b", "a b"),
        ("p < 0.05 and q > 3", "p < 0.05 and q > 3"),
        ("Ada <ada@example.org>, Bo", "Ada, Bo"),
        ("right\u200fto\u202eleft", "righttoleft"),
        (None, ""),
        (["list"], ""),
        (3, "3"),
    ],
)
def test_text_is_plain_whatever_was_written(written: object, read: str) -> None:
    assert plain_text(written) == read


@pytest.mark.parametrize(
    ("typed", "doi"),
    [
        ("10.6019/S-BIAD15", "10.6019/S-BIAD15"),
        ("https://doi.org/10.1002/cyto.a.20714", "10.1002/cyto.a.20714"),
        ("DOI: 10.1101/2023.12.07.570699.", "10.1101/2023.12.07.570699"),
        ("TBD", None),
        ("019/S-BIAD15", None),
        (None, None),
    ],
)
def test_doi_is_found_however_it_was_typed(typed: object, doi: str | None) -> None:
    assert bare_doi(typed) == doi


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-11-26", date(2024, 11, 26)),
        ("2024-11-26T10:00:00.000Z", date(2024, 11, 26)),
        (1717977600000, date(2024, 6, 10)),
        ("2012", date(2012, 1, 1)),
        ("soon", None),
        (None, None),
        (10**30, None),
        (True, None),
    ],
)
def test_day_is_read_in_every_spelling(written: object, read: date | None) -> None:
    assert day(written) == read


def test_counts_below_zero_or_of_other_kinds_are_unknown() -> None:
    assert [count(value) for value in (7, "7", 7.0, 0, -1, "x", True, None, 7.5, "²")] == [
        7, 7, 7, 0, None, None, None, None, None, None,
    ]  # fmt: skip


def test_sizes_and_durations_read_well() -> None:
    assert [size_text(size) for size in (None, 0, 999, 1000, 156047, 73400320, 2 * 10**12)] == [
        "unknown size", "0 bytes", "999 bytes", "1.0 kB", "156 kB", "73.4 MB", "2.0 TB",
    ]  # fmt: skip
    assert [duration_text(seconds) for seconds in (3.2, 89, 120, 7200)] == ["3 s", "89 s", "2 min", "2.0 h"]


@pytest.mark.parametrize(
    ("words", "spdx"),
    [
        ("CC0", "CC0-1.0"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("CC-Zero", "CC0-1.0"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("CC-BY 4.0", "CC-BY-4.0"),
        ("cc_by_nc_sa_3.0", "CC-BY-NC-SA-3.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0", "CC-BY-NC-ND-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/legalcode", "CC-BY-SA-4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("MIT License", "MIT"),
        ("CC BY", None),
        ("see the paper", None),
        ("", None),
    ],
)
def test_licence_is_recognised_in_every_spelling_and_else_unknown(words: str, spdx: str | None) -> None:
    found = licence(words)
    assert found.spdx == spdx
    assert found.known is (spdx is not None)
    assert found.raw == (words or None)


def test_licence_address_beside_vague_words_decides() -> None:
    found = licence("CC BY", "https://creativecommons.org/licenses/by/4.0/")
    assert (found.spdx, found.raw) == ("CC-BY-4.0", "CC BY")
