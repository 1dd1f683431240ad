"""Fetch what a plan says: resumable, checked, and described beside the data."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lifedesk_catalogue.errors import ArchiveUnavailable, DiskFull, PullCancelled, PullFailed
from lifedesk_catalogue.meter import Meter
from lifedesk_catalogue.model import ChecksumLevel, File
from lifedesk_catalogue.names import CRATE
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.running import in_thread
from lifedesk_catalogue.transport import Policy, StatusError, Transport

if TYPE_CHECKING:
    from lifedesk_catalogue.part import Part
    from lifedesk_catalogue.state import Journal
    from lifedesk_catalogue.transfer import Fetched

TELL_SECONDS = 0.5
WATCH_SECONDS = 0.2
BIG_FILES_AT_ONCE = 4
SMALL_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A finished pull."""

    folder: Path
    crate: Path
    """The RO-Crate metadata file beside the data: licence, citation, sources, checksums, times."""
    files: tuple[Path, ...]
    """The chosen files that exist, in the plan's order."""
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
    job = _Job(plan, meter, policy or Policy())
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


class _Job:
    """One pull under way, in its event loop."""

    def __init__(self, plan: Plan, meter: Meter, policy: Policy) -> None:
        self._plan, self._meter, self._policy = plan, meter, policy
        self.stop = threading.Event()
        self._fetched = self._fetched_bytes = 0
        self._faults: list[str] = []
        self._folders: set[Path] = set()

    async def run(self) -> Pulled:
        from lifedesk_catalogue import state

        with state.locked(self._plan.into) as journal:
            with state.failing_clearly(self._plan.into):
                todo = [
                    file
                    for file in self._plan.files
                    if not state.is_complete(file, journal.records.get(file.name), self._plan.into)
                ]
                await self._fetch_all(todo, journal)
            self._raise_faults(len(todo))
            with state.failing_clearly(self._plan.into):
                await in_thread(self._finish, journal)
        return self._pulled(journal)

    async def _fetch_all(self, todo: Sequence[File], journal: Journal) -> None:
        small = [file for file in todo if file.is_optional or (file.size_bytes or SMALL_BYTES) < SMALL_BYTES]
        names = {file.name for file in small}
        big = [file for file in todo if file.name not in names]
        async with Transport(self._policy) as transport:

            async def work(waiting: list[File]) -> None:
                while waiting:
                    await self._one(waiting.pop(0), transport, journal)

            small.reverse()
            workers = [(big, BIG_FILES_AT_ONCE), (small, self._policy.connections)]
            tasks = [
                asyncio.create_task(work(queue)) for queue, width in workers for _ in range(min(width, len(queue)))
            ]
            if not tasks:
                return
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                self.stop.set()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                if not task.cancelled() and (error := task.exception()):
                    raise error

    async def _one(self, file: File, transport: Transport, journal: Journal) -> None:
        """Bring one file to its final name. A fault of this file alone is noted, the others go on."""
        from lifedesk_catalogue.part import Part
        from lifedesk_catalogue.state import part_path

        part = await in_thread(Part, part_path(self._plan.into, file.name))
        try:
            fetched = await self._transfer(file, part, transport)
            await in_thread(self._keep, file, part, fetched, journal)
        except (DiskFull, PullCancelled):
            raise
        except (PullFailed, StatusError) as error:
            if isinstance(error, StatusError) and error.status not in (401, 403, 404, 410):
                raise ArchiveUnavailable(f"{error} What arrived is kept; pull again later to continue.") from error
            self._faults.append(str(error))
        except ArchiveUnavailable as error:
            raise ArchiveUnavailable(f"{error} What arrived is kept; pull again later to continue.") from error
        else:
            if fetched:
                self._fetched += 1
                self._fetched_bytes += fetched.size_bytes
            self._meter.file_done()
        finally:
            await in_thread(self._put_away, part)

    async def _transfer(self, file: File, part: Part, transport: Transport) -> Fetched | None:
        from lifedesk_catalogue.local_copy import copy_local
        from lifedesk_catalogue.transfer import HttpTransfer

        if file.url.startswith("file:"):
            loop = asyncio.get_running_loop()

            def on_bytes(count: int) -> None:
                loop.call_soon_threadsafe(self._meter.add, count, file.name)

            return await in_thread(copy_local, file, part, self.stop, on_bytes)
        return await HttpTransfer(transport, file, part, self._meter).run()

    def _keep(self, file: File, part: Part, fetched: Fetched | None, journal: Journal) -> None:
        """Give the file its name and note it. Blocks."""
        from lifedesk_catalogue.state import Record

        record = Record(
            dataset=f"{self._plan.dataset.archive}/{self._plan.dataset.accession}",
            name=file.name,
            url=file.url,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        if fetched is None:
            part.discard()
            journal.add(replace(record, absent=True))
            return
        target = self._plan.into / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(self._plan.into.resolve()):
            raise PullFailed(f"{target.parent} is a link that leaves the target folder. Remove it, then pull again.")
        part.finish(target, fetched.size_bytes)
        self._folders.add(target.parent)
        published = f"{file.checksum.algorithm}:{file.checksum.hexdigest}" if file.checksum else None
        journal.add(
            replace(
                record,
                size_bytes=fetched.size_bytes,
                sha256=fetched.sha256,
                level=fetched.level,
                etag=fetched.etag,
                published=published,
            )
        )

    def _put_away(self, part: Part) -> None:
        try:
            part.save_if_unfinished()
        except OSError:
            pass  # the note before this one is still right, only older
        finally:
            part.close()

    def _raise_faults(self, attempted: int) -> None:
        if not self._faults:
            return
        more = f" And {len(self._faults) - 3} more." if len(self._faults) > 3 else ""
        raise PullFailed(
            f"{len(self._faults)} of {attempted} files could not be pulled; the others are there. "
            f"{' '.join(self._faults[:3])}{more}"
        )

    def _finish(self, journal: Journal) -> None:
        """Make names durable, then write the crate, last of all. Blocks."""
        from lifedesk_catalogue.provenance import write_crate
        from lifedesk_catalogue.state import sync_folders

        into = self._plan.into
        if not self._fetched and (into / CRATE).is_file():
            return
        self._meter.describing()
        sync_folders({into, *self._folders})
        write_crate(self._plan.dataset, journal.records, into)
        sync_folders({into})

    def _pulled(self, journal: Journal) -> Pulled:
        into = self._plan.into
        records = [journal.records[file.name] for file in self._plan.files]
        there = [record for record in records if not record.absent]
        levels: dict[ChecksumLevel, int] = {}
        for record in there:
            levels[record.level] = levels.get(record.level, 0) + 1
        return Pulled(
            folder=into,
            crate=into / CRATE,
            files=tuple(into / record.name for record in there),
            fetched=self._fetched,
            fetched_bytes=self._fetched_bytes,
            checksum_levels=levels,
            absent=tuple(record.name for record in records if record.absent),
        )
