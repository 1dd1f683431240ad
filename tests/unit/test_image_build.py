"""What a build reads from this machine and from BuildKit."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from images.bootstrap import Mirrors, mirrors
from images.engine import follow, pack
from images.host import settings
from images.plan import read_images

PROGRESS = """#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [tools 1/3] FROM docker.io/library/debian:trixie-slim
#4 DONE 0.0s
#5 [tools 2/3] RUN --mount=type=secret,id=host . /run/secrets/host && apt-get update
#5 0.31 Reading package lists...
#5 0.92 E: no such thing
#5 ERROR: executor failed running [/bin/sh -c apt-get update]: exit code: 100
------
 > [tools 2/3] RUN --mount=type=secret,id=host . /run/secrets/host && apt-get update:
"""


def test_mirrors_are_read_from_both_formats_of_apt() -> None:
    one_line = "# deb http://old/debian x main\ndeb [signed-by=/k] http://mirror.example/debian/ bookworm main\n"
    deb822 = "Types: deb\nURIs: https://safe.example/debian-security\nSuites: bookworm-security\n"
    assert mirrors(one_line) == Mirrors("http://mirror.example/debian", None)
    assert mirrors(one_line + deb822) == Mirrors("http://mirror.example/debian", "https://safe.example/debian-security")


def test_sources_of_other_distributions_name_no_debian_mirror() -> None:
    assert mirrors("deb http://archive.example/ubuntu noble main\ndeb file:/srv/debian x main\n") == Mirrors(None, None)


def test_the_index_of_this_machine_reaches_the_build(tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://index.example/simple\n", encoding="utf-8")
    lines = settings({}, has_bundle=False, pip_configurations=[tmp_path / "none", configuration]).splitlines()
    assert "export UV_DEFAULT_INDEX=https://index.example/simple" in lines
    chosen = settings({"PIP_INDEX_URL": "https://a b/"}, has_bundle=True, pip_configurations=[configuration])
    assert "export PIP_INDEX_URL='https://a b/'" in chosen.splitlines()
    assert "export SSL_CERT_FILE=/run/secrets/ca" in chosen.splitlines()


def test_the_npm_registry_of_this_machine_reaches_the_build(tmp_path: Path) -> None:
    configuration = tmp_path / "npmrc"
    configuration.write_text("fund=false\nregistry = https://npm.example/\n", encoding="utf-8")
    lines = settings({}, has_bundle=True, npm_configurations=[tmp_path / "none", configuration]).splitlines()
    assert "export npm_config_registry=https://npm.example/" in lines
    assert "export NODE_EXTRA_CA_CERTS=/run/secrets/ca" in lines
    chosen = settings({"npm_config_registry": "https://other.example/"}, False, npm_configurations=[configuration])
    assert "export npm_config_registry=https://other.example/" in chosen.splitlines()


def test_an_index_in_a_folder_of_this_machine_stays_here() -> None:
    assert (
        settings({"PIP_INDEX_URL": "file:///srv/index"}, has_bundle=False, pip_configurations=[], npm_configurations=[])
        == ":\n"
    )


def test_steps_are_counted_as_they_begin_and_a_failure_names_its_step_with_its_output() -> None:
    steps: list[tuple[int, str]] = []
    message = follow(io.StringIO(PROGRESS), lambda number, text: steps.append((number, text)))
    assert steps == [(1, "FROM docker.io/library/debian:trixie-slim"), (2, "RUN apt-get update")]
    assert message.splitlines() == [
        "Step 'RUN apt-get update' failed:",
        "Reading package lists...",
        "E: no such thing",
        "ERROR: executor failed running [/bin/sh -c apt-get update]: exit code: 100",
    ]


def test_a_build_that_fails_before_its_first_step_says_its_last_lines() -> None:
    assert follow(io.StringIO("no space left\n"), lambda number, text: pytest.fail("a step")) == "no space left"


def test_the_build_sees_the_files_of_the_recipe_and_nothing_of_their_owner(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1"\n', encoding="utf-8")
    folder = tmp_path / "images/a"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text("ARG PARENT=debian:13\nFROM ${PARENT}\nCOPY images/a/run /\n", encoding="utf-8")
    (folder / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "run").chmod(0o700)
    (folder / "notes").write_text("not in it", encoding="utf-8")
    with tarfile.open(fileobj=io.BytesIO(pack(tmp_path, read_images(tmp_path)["a"]))) as archive:
        entries = {entry.name: (entry.mode, entry.uid, entry.uname, entry.mtime) for entry in archive}
    assert entries == {"images/a/Dockerfile": (0o644, 0, "", 0), "images/a/run": (0o755, 0, "", 0)}
