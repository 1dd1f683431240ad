"""What is brought into the home directory: kept apart until it is whole, and then given its name in one step.

    ~/.lifedesk-incoming/9f86d081884c7d65/     one upload
    └── cells.ome.zarr/…                       a file or a folder, as far as it has come

So nothing half-written is ever seen under its name, and nothing is overwritten that its owner did not give up.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

FOLDER = ".lifedesk-incoming"
LEFT_AFTER_SECONDS = 24 * 3600
"""An upload that began so long ago was given up: its browser has gone."""
_REPLACED = "replaced"
_CONTENT = "content"


class Incoming:
    """One upload to `home`: a file, or a folder with all below it."""

    def __init__(self, home: Path, name: str) -> None:
        """`name` tells uploads apart."""
        self._home = home
        self._folder = home / FOLDER / name
        self._content = self._folder / _CONTENT

    def place(self, parts: tuple[str, ...]) -> Path:
        """Where a part of the upload is written; the folders above are made. `parts` is empty for the only file.

        Raises `OSError`.
        """
        place = self._content.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    @contextmanager
    def writing(self, parts: tuple[str, ...]) -> Iterator[BinaryIO]:
        """A new file of the upload; it is removed when what writes it fails. Raises `OSError`."""
        place = self.place(parts)
        with place.open("xb") as file:
            try:
                yield file
                file.flush()
            except BaseException:
                place.unlink(missing_ok=True)
                raise

    def settle(self, name: str, replace: bool) -> None:
        """Give the upload its `name` in the home directory.

        Raises `FileExistsError` when that is taken and not to be replaced, and `OSError`; what had the name keeps it.
        """
        target, replaced = self._home / name, self._folder / _REPLACED
        if replace and os.path.lexists(target):
            target.rename(replaced)
        try:
            self._move_to(target)
        except OSError:
            if os.path.lexists(replaced):
                replaced.rename(target)
            raise
        self.discard()

    def _move_to(self, target: Path) -> None:
        if not self._content.is_dir():
            target.hardlink_to(self._content)
        elif os.path.lexists(target):  # a folder would silently take the place of an empty one
            raise FileExistsError(target.name)
        else:
            self._content.rename(target)

    def discard(self) -> None:
        """Remove what has come; what is not there is no error."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._folder.parent.is_dir() and not os.listdir(self._folder.parent):  # noqa: PTH208  (stops at the first)
            shutil.rmtree(self._folder.parent, ignore_errors=True)


def discard_left(home: Path) -> None:
    """Remove uploads that were given up, as when a session was stopped in the middle."""
    for folder in (home / FOLDER).glob("*"):
        if time.time() - folder.stat().st_mtime > LEFT_AFTER_SECONDS:
            Incoming(home, folder.name).discard()


def free_name(home: Path, name: str) -> str:
    """`name`, or the first of "name (2)", "name (3)", … that nothing in `home` has; what follows a dot stays last."""
    dot = name.find(".", 1)
    stem, ending = (name[:dot], name[dot:]) if dot > 0 else (name, "")
    tried, number = name, 1
    while os.path.lexists(home / tried):
        number += 1
        tried = f"{stem} ({number}){ending}"
    return tried
