"""Real recorded answers and data, kept beside the repository and not in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def samples_folder() -> Path:
    """`../shared/samples`, or what LIFEDESK_SAMPLES names; skips the test, saying so, where there is none."""
    folder = Path(os.environ.get("LIFEDESK_SAMPLES", REPOSITORY.parent / "shared" / "samples"))
    if not folder.is_dir():
        pytest.skip(
            f"no folder {folder.name} with real data beside this repository, and none named in LIFEDESK_SAMPLES"
        )
    return folder
