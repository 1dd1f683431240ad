"""Remove from an image what its slim.txt lists: `slim.py LIST (--inside | --outside) FOLDER [--strip PROGRAM SINCE]`.

A line of the list is a path with `*` (within a name) and `**` (any folders), then at least two spaces, `#` and the
reason. Only the lines inside, or outside, FOLDER are looked at: an image's files come in two steps, and what a step
leaves is in the image for good. A line that fits no file is an error, since its reason is then gone.

With --strip, shared libraries inside FOLDER that came after SINCE (seconds since 1970) lose their symbols too, but for
those they are linked by. Older ones are those of the image below: to write them is to have them twice.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_ELF = b"\x7fELF"
_STRIPPED_FROM_BYTES = 20_000
_STRIPPED_AT_ONCE = 200


def patterns(text: str) -> list[str]:
    """The paths a list names. Raises `ValueError` for a line without a reason or with a relative path."""
    found = []
    for line in text.splitlines():
        pattern, mark, reason = line.partition("  #")
        if not line.strip() or line.startswith("#"):
            continue
        if not mark or not reason.strip() or not pattern.startswith("/"):
            raise ValueError(f"{line!r}: write an absolute path, two spaces, # and why nobody misses it.")
        found.append(pattern.strip())
    return found


def fitting(wanted: Sequence[str]) -> dict[str, list[Path]]:
    """Pattern → the paths that fit. Raises `ValueError` naming the patterns that nothing fits."""
    found = {pattern: sorted(Path("/").glob(pattern.lstrip("/"))) for pattern in wanted}
    if idle := [pattern for pattern, paths in found.items() if not paths]:
        raise ValueError(f"nothing in the image fits {', '.join(idle)}. Take these lines out, or correct them.")
    return found


def remove(paths: Sequence[Path]) -> int:
    """Remove files and folders; the bytes gone."""
    gone = 0
    for path in paths:
        if not os.path.lexists(path):
            continue  # was in a folder that fitted too
        gone += sum(file.lstat().st_size for file in _files(path))
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return gone


def strip(program: str, folder: Path, since: float) -> int:
    """Take from the shared libraries in `folder` the symbols that only debuggers read; the bytes gone."""
    found = [file for file in sorted(folder.rglob("*.so*")) if _is_library(file)]
    libraries = [file for file in found if file.stat().st_ctime >= since]
    before = sum(file.stat().st_size for file in libraries)
    for first in range(0, len(libraries), _STRIPPED_AT_ONCE):
        some = libraries[first : first + _STRIPPED_AT_ONCE]
        subprocess.run([program, "--strip-unneeded", *map(str, some)], check=False)
    return before - sum(file.stat().st_size for file in libraries)


def main(arguments: Sequence[str] | None = None) -> int:
    """Remove and strip; what each line brought is written to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("list", type=Path)
    side = parser.add_mutually_exclusive_group(required=True)
    side.add_argument("--inside", type=Path)
    side.add_argument("--outside", type=Path)
    parser.add_argument("--strip", nargs=2, metavar=("PROGRAM", "SINCE"))
    chosen = parser.parse_args(arguments)
    folder = chosen.inside or chosen.outside
    listed = patterns(chosen.list.read_text(encoding="utf-8")) if chosen.list.exists() else []
    wanted = [pattern for pattern in listed if Path(pattern).is_relative_to(folder) == bool(chosen.inside)]
    for pattern, paths in fitting(wanted).items():
        sys.stdout.write(f"{remove(paths) / 1e6:8.1f} MB  {pattern}\n")
    if chosen.strip:
        program, since = chosen.strip
        gone = strip(program, folder, float(since))
        sys.stdout.write(f"{gone / 1e6:8.1f} MB  symbols for debuggers in {folder}\n")
    return 0


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        yield from (file for file in path.rglob("*") if file.is_symlink() or not file.is_dir())
    else:
        yield path


def _is_library(file: Path) -> bool:
    if file.is_symlink() or not file.is_file() or file.stat().st_size < _STRIPPED_FROM_BYTES:
        return False
    with file.open("rb") as opened:
        return opened.read(len(_ELF)) == _ELF


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"slim: {error}")
