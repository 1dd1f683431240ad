"""Which file names may be written below a folder, and which are refused. Pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from lifedesk_catalogue.errors import UnsafeName

OWN_FOLDER = ".lifedesk"
"""Where a pull keeps its state inside the target folder."""
CRATE = "ro-crate-metadata.json"
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})
_LONGEST_SEGMENT_BYTES = 255 - len(".part")
_LONGEST_PATH_BYTES = 4095


def check_names(names: Iterable[str], folder: str) -> None:
    """Nothing, when every name can be written below `folder` without harm.

    Raises `UnsafeName`, which lists the first few offending names with the reasons.
    """
    faults = []
    seen: dict[str, str] = {}
    names = tuple(names)
    for name in names:
        reason = _fault(name, folder) or _collision(name, seen)
        if reason:
            faults.append(f"{name!r} {reason}")
    faults += [f"{name!r} is both a file and a folder" for name in _file_and_folder(names)]
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise UnsafeName(
            f"These files are not pulled, because of their names: {'; '.join(faults[:5])}{more}. "
            "Choose the other files by name or pattern, and tell the archive."
        )


def _fault(name: str, folder: str) -> str | None:
    segments = name.split("/")
    if not name or name.startswith("/"):
        return "is not a path inside the data set"
    if any(segment in ("", ".", "..") for segment in segments):
        return "has an empty, '.' or '..' part"
    if any(unicodedata.category(sign) in ("Cc", "Cs") or _turns_text(sign) for sign in name) or "\\" in name:
        return "holds a control character or a backslash"
    if segments[0] == OWN_FOLDER or name == CRATE:
        return "is a name the pull itself needs"
    if any(segment.split(".")[0].casefold() in _DEVICES for segment in segments):
        return "is a device name on Windows"
    if any(len(segment.encode()) > _LONGEST_SEGMENT_BYTES for segment in segments):
        return f"has a part longer than {_LONGEST_SEGMENT_BYTES} bytes"
    if len(f"{folder}/{name}".encode()) > _LONGEST_PATH_BYTES:
        return "makes a path that is too long"
    return None


def _turns_text(sign: str) -> bool:
    """Marks that make a name look like another one."""
    return "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"


def _collision(name: str, seen: dict[str, str]) -> str | None:
    key = unicodedata.normalize("NFC", name).casefold()
    other = seen.setdefault(key, name)
    return None if other == name else f"is the same as {other!r} where upper and lower case do not differ"


def _file_and_folder(names: tuple[str, ...]) -> Iterator[str]:
    files = set(names)
    parents = {name[:place] for name in names for place, sign in enumerate(name) if sign == "/"}
    yield from sorted(files & parents)
