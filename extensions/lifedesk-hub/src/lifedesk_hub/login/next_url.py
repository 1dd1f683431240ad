"""Where to go after a login: a page of this hub and nothing else."""

from __future__ import annotations

import re
from urllib.parse import unquote

_PLAIN = re.compile(r"/[!-~]*")
_LONGEST = 2000


def safe_next_url(wanted: str | None, base_url: str = "/") -> str | None:
    """The wanted address if it is a plain path below `base_url`, else None.

    Refused are other hosts, everything that a browser or a proxy might normalise into one, and logging out again.
    """
    if not wanted or len(wanted) > _LONGEST or not _PLAIN.fullmatch(wanted) or "\\" in wanted:
        return None
    path = unquote(wanted.partition("?")[0].partition("#")[0])
    segments = path.split("/")
    if "//" in path or "\\" in path or {".", ".."} & set(segments):
        return None
    if not path.startswith(base_url) or segments[1].startswith((";", "@")):
        return None
    hub = f"{base_url}hub/"
    return None if path.rstrip("/") in {f"{hub}logout", f"{hub}oauth_login", f"{hub}oauth_callback"} else wanted
