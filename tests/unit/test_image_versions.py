"""Which versions of an image may go: never the present one, the newest, those in use, or those somebody wants."""

from __future__ import annotations

import pytest

from images.versions import Version, to_remove


def version(name: str, recipe: str, created: str) -> Version:
    return Version(name, f"lifedesk/{name}:{recipe}", f"sha256:{recipe}", created, "1.0", 1)


THERE = [
    version("base", "e", "2026-05"),
    version("base", "d", "2026-04"),
    version("lab", "z", "2026-04"),
    version("base", "c", "2026-03"),
    version("base", "b", "2026-02"),
    version("base", "a", "2026-01"),
]


@pytest.mark.parametrize(
    ("keep", "present", "wanted", "used", "going"),
    [
        (2, {"lifedesk/base:e", "lifedesk/lab:z"}, set(), set(), "ba"),
        (0, {"lifedesk/base:e", "lifedesk/lab:z"}, set(), set(), "dcba"),
        (0, {"lifedesk/base:e", "lifedesk/lab:z"}, {"lifedesk/base:c"}, {"sha256:a"}, "db"),
        (1, {"lifedesk/base:a"}, set(), set(), "dcb"),
        (9, set(), set(), set(), ""),
    ],
)
def test_only_what_nobody_needs_goes(
    keep: int, present: set[str], wanted: set[str], used: set[str], going: str
) -> None:
    assert [found.tag[-1] for found in to_remove(THERE, keep, present, wanted, used)] == list(going)
