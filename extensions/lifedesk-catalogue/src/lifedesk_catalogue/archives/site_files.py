"""The files of one entry of the site's folder, and what of it is not offered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def walk(entry: Path, problems: list[str]) -> Iterator[tuple[str, Path]]:
    """Readable regular files of an entry with their names inside it; what is left out goes to `problems`."""
    if entry.is_file():
        yield entry.name, entry
        return
    inside = entry.resolve()
    for folder, folders, names in os.walk(entry, onerror=lambda error: problems.append(_unreadable(error, entry))):
        folders.sort()
        for name in [name for name in folders if (Path(folder) / name).is_symlink()]:
            folders.remove(name)
            problems.append(f"The link {_inside(Path(folder) / name, entry)!r} to a folder is not followed.")
        for name in sorted(names):
            path = Path(folder) / name
            label = _inside(path, entry)
            if not path.resolve().is_relative_to(inside):
                problems.append(f"The link {label!r} leaves the data set and is not offered.")
            elif not path.is_file():
                problems.append(f"{label!r} is not a file and is not offered.")
            elif not os.access(path, os.R_OK):
                problems.append(f"{label!r} cannot be read (permission) and is not offered.")
            else:
                yield label, path


def _inside(path: Path, entry: Path) -> str:
    return path.relative_to(entry).as_posix()


def _unreadable(error: OSError, entry: Path) -> str:
    where = Path(str(error.filename))
    label = _inside(where, entry) if where.is_relative_to(entry) else entry.name
    return f"The folder {label!r} cannot be read ({error.strerror}) and is not offered."
