"""The front ends' own tests, which run in Node.js."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front_end import PACKAGES, run_script


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_the_front_ends_own_tests_pass(folder: Path) -> None:
    done = run_script(folder, "test")
    assert done.returncode == 0, done.stdout + done.stderr
