"""The demo provider's own tests, which are written in its own language."""

from __future__ import annotations

import os
import subprocess

import pytest

from lifedesk_hub.node.demo import DEMO_LOGIN
from lifedesk_hub.node.nodejs import NODE, PROGRAMS, install_packages


@pytest.mark.timeout(900)
def test_the_demo_provider_passes_its_own_tests() -> None:
    install_packages(DEMO_LOGIN, lambda text: None, with_development=True)
    tests = sorted(str(path) for path in (DEMO_LOGIN / "test").glob("*.test.js"))
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [str(NODE), "--test", "--test-concurrency=1", *tests],
        cwd=DEMO_LOGIN,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
