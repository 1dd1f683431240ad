"""The picture of a program: a file beside apps.yaml, or one from the image's icon themes.

Where themes and pictures lie: https://specifications.freedesktop.org/icon-theme-spec/latest/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SHARE = Path("/usr/share")
SUFFIXES = (".svg", ".png")
_WANTED_PIXELS = 128


def find_icon(name: str, beside: Path, share: Path = SHARE) -> Path:
    """The best picture called `name`: SVG first, then the PNG nearest to 128 pixels.

    Raises `LookupError`, with a sentence that says where it was looked for.
    """
    if name.endswith(SUFFIXES):
        if (beside / name).is_file():
            return beside / name
        raise LookupError(f"there is no file {name!r} beside apps.yaml")
    found = [file for suffix in SUFFIXES for file in share.glob(f"icons/*/*/*/{name}{suffix}")]
    found += [share / "pixmaps" / f"{name}{suffix}" for suffix in SUFFIXES]
    usable = [file for file in found if file.is_file()]
    if not usable:
        raise LookupError(
            f"there is no icon {name!r} in {share}/icons and {share}/pixmaps as .svg or .png; "
            "put a picture beside apps.yaml and name that file"
        )
    return min(usable, key=_rank)


def _rank(file: Path) -> tuple[bool, bool, int, str]:
    """Sorts symbolic pictures last, SVG before PNG, then by the distance from the wanted size."""
    sizes: Sequence[str] = [part.partition("x")[0] for part in file.parts if part[:1].isdigit()]
    pixels = next((int(size) for size in sizes if size.isdigit()), _WANTED_PIXELS)
    return "symbolic" in file.parts, file.suffix != ".svg", abs(pixels - _WANTED_PIXELS), str(file)
