"""Find releases of packages that fit onto an image, and say in words why there are none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lifedesk_hub.errors import MissingPartError, NodeError
from lifedesk_hub.node.requirement_files import PYTHON
from lifedesk_hub.node.state import REPOSITORY

PLATFORM = "x86_64-manylinux_2_36"
"""What wheels have to run on; requirements/lock locks for the same."""
_UNKNOWN = re.compile(r"([\w.-]+) was not found in the (?:package registry|provided package locations)")
_NO_WHEEL = re.compile(r"(?:all versions of )?([\w.-]+)(?:[=<>!~]=?\S+)? ha(?:ve|s) no (?:usable )?wheels")
_UNREACHABLE = ("Failed to fetch", "error sending request", "dns error", "tcp connect error", "timed out")
_FULL = "No space left on device"


def lock(asked_for: Sequence[str], parent: str, packages: Mapping[str, str]) -> str:
    """A lock file with hashes for what is asked for and all it needs, without what `packages` has already.

    `packages` are the locked ones (name → version) of the image `parent`, which stay as they are. Only wheels are
    taken, so that no package's own build code runs. Raises `NodeError`.
    """
    constraints = [f"{name}=={version}" for name, version in packages.items()]
    with tempfile.TemporaryDirectory(prefix="lifedesk-lock-") as folder:
        wanted, fixed = Path(folder, "requirements.in"), Path(folder, "parent.txt")
        wanted.write_text("".join(f"{line}\n" for line in asked_for), encoding="utf-8")
        fixed.write_text("".join(f"{line}\n" for line in constraints), encoding="utf-8")
        command = [find_uv(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--generate-hashes"]
        command += ["--no-emit-index-url", "--only-binary", ":all:", "--color", "never"]
        command += ["--python", sys.executable]  # any will do, and looking for one takes seconds
        command += ["--python-version", PYTHON, "--python-platform", PLATFORM]
        command += ["--constraint", str(fixed), str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode != 0:
        raise NodeError(in_words(done.stderr, parent, packages))
    added = [entry for name, entry in entries(done.stdout) if name not in packages]
    if not added:
        raise NodeError(f"The image {parent!r} has all of this already: {', '.join(asked_for)}. Use it as it is.")
    return "".join(added)


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Package and lines of each entry of a lock file."""
    for entry in re.split(r"(?m)^(?=[\w.-]+==)", text):
        if found := re.match(r"[\w.-]+", entry):
            yield normal(found[0]), entry


def normal(package: str) -> str:
    """A package's name as indexes compare names."""
    return re.sub(r"[-_.]+", "-", package).lower()


def in_words(errors: str, parent: str, packages: Mapping[str, str]) -> str:
    """What uv said, for people who know neither uv nor resolvers."""
    told = " ".join(re.sub(r"(?m)^\s*(?:error|cause|hint):\s*", "", errors).split())
    if any(mark in errors for mark in _UNREACHABLE):
        last = errors.strip().splitlines()[-1].split("cause:")[-1].strip()
        return (
            f"The package index cannot be reached ({last}). Look at this machine's network and proxy, then try again."
        )
    if _FULL in errors:
        return f"The disk is full: {told} Make room, then try again."
    if unknown := sorted(set(_UNKNOWN.findall(errors))):
        return f"The package index has no {_listed(unknown)}. Look at the spelling; on PyPI each name is a page."
    if sources := sorted(set(_NO_WHEEL.findall(errors))):
        return (
            f"There is no wheel of {_listed(sources)} for Python {PYTHON} on Linux (x86-64), only source code to "
            "compile. Images are made without compilers, and without running build code of packages. Choose another "
            "release, or put a wheel onto the index this machine uses."
        )
    if "No solution found" in errors:
        what = told.partition("No solution found when resolving dependencies")[2].lstrip(": ") or told
        own = [f"{name} {version}" for name, version in packages.items() if _is_named(name, what)]
        has = f" The image {parent!r} has {_listed(own)}, which stays as it is." if own else ""
        return (
            f"These packages do not go together. {what}{has} Ask for other releases, or choose another image with --on."
        )
    return f"The packages could not be chosen: {told}"


def find_uv() -> str:
    """The installer that ./lifedesk uses. Raises `MissingPartError`."""
    own = REPOSITORY / ".venv-uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.is_file() else None)
    if found is None:
        raise MissingPartError(
            "The installer uv is missing. Remove the folder .venv and run ./lifedesk, which gets it."
        )
    return found


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is_named(package: str, text: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(package)}(?![\w-])", text) is not None
