"""Fetch what a plan says: resumable, checked, and described beside the data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lifedesk_catalogue.model import ChecksumLevel
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A finished pull."""

    folder: Path
    crate: Path
    """The RO-Crate metadata file beside the data: licence, citation, sources, checksums, times."""
    files: tuple[Path, ...]
    fetched: int
    """How many files this pull brought; 0 when everything was there."""
    fetched_bytes: int
    checksum_levels: dict[ChecksumLevel, int]
    """How many files were checked how well."""
    absent: tuple[str, ...] = ()
    """Optional files (Zarr chunks of fill value) the archive does not have."""


def pull(
    plan: Plan,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> Pulled:
    """Fetch the planned files and describe them in an RO-Crate. Works in scripts and notebooks alike.

    `on_progress` is called from another thread, at least once a second. Setting `cancel` stops within about a
    second. Whatever ends a pull early (cancel, error, kill), no half file ever has a final name, and planning and
    pulling again continues where it stopped.
    Raises `PullCancelled`, `PullInProgress`, `DiskFull`, `ChecksumMismatch`, `PullFailed`, `ArchiveUnavailable`.
    """
    raise NotImplementedError


async def pull_async(
    plan: Plan,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> Pulled:
    """The same as `pull`, for a running event loop; cancelling the task stops the pull as `cancel` does."""
    raise NotImplementedError
