"""One pull under way: which files go how, what is kept of them, and what is said when some cannot be had."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lifedesk_catalogue.errors import ArchiveUnavailable, DiskFull, PullCancelled, PullFailed
from lifedesk_catalogue.meter import Meter
from lifedesk_catalogue.model import ChecksumLevel, File
from lifedesk_catalogue.names import CRATE
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.running import in_thread
from lifedesk_catalogue.transport import Policy, StatusError, Transport

if TYPE_CHECKING:
    from lifedesk_catalogue.memory_part import MemoryPart
    from lifedesk_catalogue.part import Part
    from lifedesk_catalogue.state import Journal
    from lifedesk_catalogue.transfer import Fetched

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


class Job:
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
        from lifedesk_catalogue.memory_part import TooLarge

        try:
            await self._bring(file, transport, journal, in_memory=_is_small(file))
        except TooLarge:
            await self._bring(file, transport, journal, in_memory=False)

    async def _bring(self, file: File, transport: Transport, journal: Journal, *, in_memory: bool) -> None:
        from lifedesk_catalogue.memory_part import MemoryPart
        from lifedesk_catalogue.part import Part
        from lifedesk_catalogue.state import part_path

        path = part_path(self._plan.into, file.name)
        part = MemoryPart(path) if in_memory else await in_thread(Part, path)
        fetched_whole = False
        if file.checksum:
            with suppress(ValueError):  # an algorithm unknown here: the file is checked by what else there is
                part.want_digest(file.checksum.algorithm)
        try:
            fetched = await self._transfer(file, part, transport)
            await in_thread(self._keep, file, part, fetched, journal)
            fetched_whole = True
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
            if isinstance(part, Part):
                await in_thread(self._put_away, part)
            elif part.bytes_done and not fetched_whole:
                self._meter.add(-part.bytes_done, file.name)

    async def _transfer(self, file: File, part: Part | MemoryPart, transport: Transport) -> Fetched | None:
        from lifedesk_catalogue.local_copy import copy_local
        from lifedesk_catalogue.part import Part
        from lifedesk_catalogue.transfer import HttpTransfer

        if isinstance(part, Part) and file.url.startswith("file:"):
            loop = asyncio.get_running_loop()

            def on_bytes(count: int) -> None:
                loop.call_soon_threadsafe(self._meter.add, count, file.name)

            return await in_thread(copy_local, file, part, self.stop, on_bytes)
        return await HttpTransfer(transport, file, part, self._meter).run()

    def _keep(self, file: File, part: Part | MemoryPart, fetched: Fetched | None, journal: Journal) -> None:
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


def _is_small(file: File) -> bool:
    from lifedesk_catalogue.memory_part import LARGEST_BYTES

    size = file.size_bytes if file.size_bytes is not None else 0 if file.is_optional else None
    return size is not None and size <= LARGEST_BYTES and not file.url.startswith("file:")
