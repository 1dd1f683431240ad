"""Turn what archives write into plain text, DOIs and dates. Pure functions that never fail on odd input."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_EMAIL = re.compile(r"[<(\[]?\s*\b[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+\b\s*[>)\]]?")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>,;]+", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def plain_text(value: object) -> str:
    """Readable text: no tags, entities resolved, no invisible characters, no e-mail addresses, one space each."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = _TAG.sub(" ", _HIDDEN.sub(" ", str(value)))
    # Entities may hide tags: resolve, then strip once more. "a < b" is no tag and stays.
    text = _TAG.sub(" ", _HIDDEN.sub(" ", html.unescape(text)))
    text = _EMAIL.sub(" ", _INVISIBLE.sub("", text))
    return re.sub(r"\s+([.,;:])(?=\s|$)", r"\1", " ".join(text.split()))


def plain_texts(values: Iterable[object] | str) -> tuple[str, ...]:
    """Each value as plain text, once, without those that come to nothing."""
    several = [values] if isinstance(values, str) else values
    return tuple(dict.fromkeys(text for value in several if (text := plain_text(value))))


def bare_doi(value: object) -> str | None:
    """`10.prefix/suffix` found in whatever was typed into a DOI field; None when there is none."""
    found = _DOI.search(_INVISIBLE.sub("", value)) if isinstance(value, str) else None
    return found.group().rstrip(".)]}") if found else None


def day(value: object) -> date | None:
    """The day in `2024-11-26`, `2024-11-26T10:00:00Z`, `2024`, or epoch milliseconds; else None."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC).date()
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        text = str(value).strip()
        if re.fullmatch(r"\d{4}", text):
            return date(int(text), 1, 1)
        return date.fromisoformat(text[:10])
    except (ValueError, OverflowError, OSError):
        return None


def count(value: object) -> int | None:
    """A number of bytes or files, given as number or digits; None for anything else or below zero."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip())
    return value if isinstance(value, int) and value >= 0 else None


def size_text(size_bytes: int | None) -> str:
    """`1.4 GB`, in powers of 1000 as file managers and archives show it; `unknown size` for None."""
    if size_bytes is None:
        return "unknown size"
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def duration_text(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
