"""From the path a page names to a file or folder of the session."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lifedesk_lab.apps.errors import UnusablePath


def path_in_home(home: Path, path: str) -> Path:
    """The absolute path of what `path`, relative to `home`, names; a folder may have a / behind it.

    Links are followed wherever they lead: the person put them there. Raises `UnusablePath` for a path that
    is absolute, leaves the home directory by "..", cannot be a name, or names nothing.
    """
    if not path or "\0" in path:
        raise UnusablePath("The path is empty or cannot be a file's name. Give one relative to the home directory.")
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise UnusablePath(f"{path!r} is not inside the home directory. Give a path relative to it, without '..'.")
    found = home / path
    try:
        is_there = found.exists()
    except OSError as error:
        raise UnusablePath(f"{path!r} cannot be read: {error.strerror}.") from error
    if not is_there:
        raise UnusablePath(f"There is no file or folder {path!r} in the home directory.", is_missing=True)
    return found
