"""Fetch what a plan says: resumable, checked, and described beside the data."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lifedesk_catalogue.errors import PullCancelled
from lifedesk_catalogue.job import Job, Pulled
from lifedesk_catalogue.meter import Meter
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.transport import Policy

__all__ = ["Pulled", "pull", "pull_async"]

TELL_SECONDS = 0.5
WATCH_SECONDS = 0.2


def pull(
    plan: Plan,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    *,
    policy: Policy | None = None,
) -> Pulled:
    """Fetch the planned files and describe them in an RO-Crate. Works in scripts and notebooks alike.

    `on_progress` is called from another thread, at least once a second. Setting `cancel` stops within about a
    second. Whatever ends a pull early (cancel, error, kill), no half file ever has a final name, and planning and
    pulling again continues where it stopped. `policy` says how patient to be.
    Raises `PullCancelled`, `PullInProgress`, `DiskFull`, `ChecksumMismatch`, `PullFailed`, `ArchiveUnavailable`.
    """
    stop = cancel or threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="lifedesk-pull") as thread:
        future = thread.submit(lambda: asyncio.run(pull_async(plan, on_progress, stop, policy=policy)))
        try:
            return future.result()
        except KeyboardInterrupt:
            stop.set()
            raise


async def pull_async(
    plan: Plan,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    *,
    policy: Policy | None = None,
) -> Pulled:
    """The same as `pull`, for a running event loop; cancelling the task stops the pull as `cancel` does."""
    meter = Meter(plan, on_progress)
    job = Job(plan, meter, policy or Policy())
    work = asyncio.create_task(job.run())
    try:
        await _watch(work, meter, cancel)
    finally:
        if not work.done():
            job.stop.set()
            work.cancel()
            await asyncio.wait([work])
    if work.cancelled():
        meter.says("cancelled", "Stopped; what arrived is kept.")
        raise PullCancelled(
            f"The pull of {plan.dataset.accession} was stopped. Pull again to continue where it stopped."
        )
    if error := work.exception():
        meter.says("failed", str(error))
        raise error
    meter.says("complete")
    return work.result()


async def _watch(work: asyncio.Task[Pulled], meter: Meter, cancel: threading.Event | None) -> None:
    """Tell progress and look at `cancel` until the work is done or has to stop."""
    loop = asyncio.get_running_loop()
    told = loop.time()
    meter.tell()
    while not work.done() and not (cancel and cancel.is_set()):
        await asyncio.wait([work], timeout=WATCH_SECONDS)
        if loop.time() - told >= TELL_SECONDS:
            meter.tell()
            told = loop.time()
