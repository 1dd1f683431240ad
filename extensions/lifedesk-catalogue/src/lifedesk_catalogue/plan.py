"""What a pull would do, worked out before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lifedesk_catalogue.model import Dataset, File


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which files of a data set go where, what is there already, and whether the rest fits."""

    dataset: Dataset
    into: Path
    files: tuple[File, ...]
    """Every file chosen; folders are resolved to the files in them."""
    complete: frozenset[str]
    """Names that are there, checked by an earlier pull."""
    free_bytes: int
    """Free space at the target when the plan was made."""
    warnings: tuple[str, ...] = ()
    """Sentences to show before starting, such as an unknown licence or unknown sizes."""

    @property
    def files_to_fetch(self) -> tuple[File, ...]:
        """The chosen files that are not there yet."""
        return tuple(file for file in self.files if file.name not in self.complete)

    @property
    def bytes_to_fetch(self) -> int:
        """Known bytes still to fetch; see `unknown_sizes`."""
        return sum(file.size_bytes or 0 for file in self.files_to_fetch)

    @property
    def bytes_total(self) -> int:
        """Known bytes of all chosen files."""
        return sum(file.size_bytes or 0 for file in self.files)

    @property
    def unknown_sizes(self) -> int:
        """How many of the files to fetch have no stated size."""
        return sum(file.size_bytes is None for file in self.files_to_fetch)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to fetch."""
        return not self.files_to_fetch


def plan_pull(
    dataset: Dataset | str, files: Sequence[str | File] | None = None, into: Path | str | None = None
) -> Plan:
    """What pulling `dataset` (or the entry of this accession) would do. Writes nothing.

    `files` chooses by name, folder, or pattern (`*.tif`, `images/**`); None means all. `into` is the target
    folder, by default `~/data/<archive>/<accession>`.
    Raises `UnsafeName`, `NotEnoughSpace` (with the numbers), `NotListable`, `PlanRefused` (nothing chosen, target not
    usable), and what `get` and `list_files` raise.
    """
    raise NotImplementedError
