"""What is documented exists, and what exists is documented."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.node import REPOSITORY, lifedesk

DOCUMENTS = sorted(
    path
    for path in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("*/README.md")]
    if ".venv" not in path.parts
)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [REPOSITORY / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text())
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert not missing


def test_every_command_is_in_the_operators_or_developers_documents() -> None:
    help_text = lifedesk("--help").output
    commands = set(re.findall(r"^│ ([a-z]+) ", help_text, re.MULTILINE))
    assert {"up", "down", "status", "check"} <= commands
    text = "".join(document.read_text() for document in DOCUMENTS)
    assert not [command for command in commands if f"./lifedesk {command}" not in text and f"`{command}`" not in text]


def test_every_tier_of_the_tests_is_in_the_contribution_guide() -> None:
    guide = (REPOSITORY / "CONTRIBUTING.md").read_text()
    tiers = {path.name for path in (REPOSITORY / "tests").iterdir() if any(path.glob("**/test_*.py"))}
    assert not [tier for tier in tiers if tier not in guide]


def test_no_committed_file_names_a_package_registry() -> None:
    registries = (
        "registry.npmjs" + ".org",
        "pypi" + ".org/simple",
        "files.python" + "hosted.org",
        "deb.debian" + ".org",
    )
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found += [f"{path.relative_to(REPOSITORY)}: {name}" for name in registries if name in text]
    assert not found


def test_the_lock_files_hold_every_package_by_hash() -> None:
    for lock in (REPOSITORY / "requirements").glob("*.txt"):
        text = lock.read_text()
        packages = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE | re.IGNORECASE)
        assert packages, lock.name
        assert text.count("--hash=sha256:") >= len(packages), lock.name
        assert "index-url" not in text, lock.name
