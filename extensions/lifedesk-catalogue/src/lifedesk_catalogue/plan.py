"""What a pull would do, worked out before anything is written."""

from __future__ import annotations

import difflib
import fnmatch
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from lifedesk_catalogue.errors import NotEnoughSpace, PlanRefused
from lifedesk_catalogue.model import Dataset, File
from lifedesk_catalogue.names import CRATE, check_names
from lifedesk_catalogue.running import run
from lifedesk_catalogue.search import get, listing
from lifedesk_catalogue.text import size_text
from lifedesk_catalogue.transport import StatusError, Transport

if TYPE_CHECKING:
    from lifedesk_catalogue.state import Record

BLOCK_BYTES = 4096
SPARE_BYTES = 2**20


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
    is_described: bool = False
    """Whether the RO-Crate of an earlier, finished pull is there."""
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
        """Whether nothing is left to do."""
        return self.is_described and not self.files_to_fetch


def plan_pull(
    dataset: Dataset | str, files: Sequence[str | File] | None = None, into: Path | str | None = None
) -> Plan:
    """What pulling `dataset` (or the entry of this accession) would do. Writes nothing.

    `files` chooses by name, folder, or pattern (`*.tif`, `images/**`); None means all. `into` is the target
    folder, by default `~/data/<archive>/<accession>`.
    Raises `UnsafeName`, `NotEnoughSpace` (with the numbers), `NotListable`, `PlanRefused` (nothing chosen, foreign
    files in the target), and what `get` and `list_files` raise.
    """
    from lifedesk_catalogue.state import is_complete, records_in

    entry = get(dataset) if isinstance(dataset, str) else dataset
    entry = get(entry.accession, entry.archive) if entry.is_summary else entry
    target = default_folder(entry) if into is None else Path(into).expanduser().absolute()
    listed = listing(entry)
    chosen = _resolved(entry, choose(listed.files, files))
    check_names((file.name for file in chosen), str(target))
    records = records_in(target)
    _refuse_foreign(entry, chosen, records, target)
    complete = frozenset(file.name for file in chosen if is_complete(file, records.get(file.name), target))
    plan = Plan(
        dataset=entry,
        into=target,
        files=chosen,
        complete=complete,
        free_bytes=shutil.disk_usage(_existing(target)).free,
        is_described=(target / CRATE).is_file(),
        warnings=tuple(notice.message for notice in listed.notices),
    )
    _refuse_too_large(plan)
    return replace(plan, warnings=plan.warnings + _warnings(plan))


def default_folder(dataset: Dataset) -> Path:
    """Where a data set is pulled to unless said otherwise: `~/data/<archive>/<accession>`."""
    return Path.home() / "data" / dataset.archive / quote(dataset.accession, safe=" ()[]+,@=~")


def choose(files: Sequence[File], wanted: Sequence[str | File] | None) -> tuple[File, ...]:
    """The files that one of `wanted` names, each once; all without it. Raises `PlanRefused` for what fits none."""
    renamed = [replace(file, name=f"source-{CRATE}") if file.name == CRATE else file for file in files]
    distinct = {file.name: file for file in renamed}
    if wanted is None:
        if not distinct:
            raise PlanRefused("The archive lists no files for this entry. See its page for how to get the data.")
        return tuple(distinct.values())
    picked: dict[str, File] = {}
    for want in wanted:
        pattern = want.name if isinstance(want, File) else want
        found = {name: file for name, file in distinct.items() if _fits(name, pattern)}
        if not found:
            near = difflib.get_close_matches(pattern, distinct, n=3, cutoff=0.4) or list(distinct)[:3]
            there = ", ".join(map(repr, near)) or "nothing"
            raise PlanRefused(f"No file of this entry fits {pattern!r}. There is for example {there}.")
        picked |= found
    if not picked:
        raise PlanRefused("No files are chosen. Name some, or leave the choice out for all.")
    return tuple(picked.values())


def _fits(name: str, pattern: str) -> bool:
    if name == pattern or name.startswith(pattern.rstrip("/") + "/"):
        return True
    return fnmatch.fnmatchcase(name if "/" in pattern else name.rsplit("/", 1)[-1], pattern)


def _resolved(entry: Dataset, chosen: tuple[File, ...]) -> tuple[File, ...]:
    for file in chosen:
        if not file.url.startswith(("https://", "http://")) and entry.archive != "site":
            raise PlanRefused(f"{file.name!r} has an address that is not of the web: {file.url}.")
    folders = [file for file in chosen if file.is_directory]
    if not folders:
        return chosen
    inside = run(_files_in(folders))
    plain = {file.name: file for file in chosen if not file.is_directory}
    return tuple(({file.name: file for file in inside} | plain).values())


async def _files_in(folders: list[File]) -> list[File]:
    from lifedesk_catalogue.zarr_tree import tree_keys

    found: list[File] = []
    async with Transport() as transport:
        for folder in folders:

            async def read(key: str, base: str = folder.url) -> bytes | None:
                try:
                    return await transport.read(f"{base}/{_quoted(key)}", deadline_seconds=60, limit_bytes=64 * 2**20)
                except StatusError as error:
                    if error.status in (403, 404, 410):  # stores without leave to list say 403 for what is not there
                        return None
                    raise

            found += [
                File(
                    name=f"{folder.name}/{key.path}",
                    url=f"{folder.url}/{_quoted(key.path)}",
                    is_optional=key.is_optional,
                )
                for key in await tree_keys(read, folder.name)
            ]
    return found


def _quoted(key: str) -> str:
    return "/".join(quote(segment, safe="") for segment in key.split("/"))


def _refuse_foreign(entry: Dataset, chosen: tuple[File, ...], records: dict[str, Record], target: Path) -> None:
    """Never write over what no pull brought, nor mix two data sets in one folder."""
    if target.exists() and not target.is_dir():
        raise PlanRefused(f"{target} is a file. Choose a folder.")
    own = f"{entry.archive}/{entry.accession}"
    other = next((record.dataset for record in records.values() if record.dataset != own), None)
    if other:
        raise PlanRefused(f"{target} holds {other}. Choose another folder for {own}.")
    foreign = [file.name for file in chosen if _is_foreign(target / file.name, records.get(file.name))]
    if not records and (target / CRATE).exists():
        foreign.append(CRATE)
    if foreign:
        shown = ", ".join(map(repr, foreign[:3])) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
        raise PlanRefused(
            f"{target} already holds {shown}, not as a pull left it. Move it away or choose another folder; "
            "nothing is written over."
        )


def _is_foreign(path: Path, record: Record | None) -> bool:
    if not path.exists() and not path.is_symlink():
        return False
    return record is None or path.is_symlink() or not path.is_file() or path.stat().st_size != record.size_bytes


def _refuse_too_large(plan: Plan) -> None:
    from lifedesk_catalogue.state import part_path

    there = 0
    for file in plan.files_to_fetch[:10_000]:
        part = part_path(plan.into, file.name)
        if part.is_file():
            there += min(part.stat().st_blocks * 512, file.size_bytes or 0)
    need = plan.bytes_to_fetch - there
    if plan.files_to_fetch and need + BLOCK_BYTES * len(plan.files_to_fetch) + SPARE_BYTES > plan.free_bytes:
        raise NotEnoughSpace(
            f"{size_text(need)} would have to fit into {_existing(plan.into)}, where "
            f"{size_text(plan.free_bytes)} are free. Choose fewer files, another folder, or free some space."
        )


def _warnings(plan: Plan) -> tuple[str, ...]:
    found = []
    if not plan.dataset.licence.known:
        said = f"it says {plan.dataset.licence.raw!r}" if plan.dataset.licence.raw else "it states none"
        found.append(f"The licence is not one known here ({said}): make sure that you may use the data as you mean to.")
    if plan.unknown_sizes:
        found.append(f"{plan.unknown_sizes} of the files have no stated size; it may become more than shown.")
    return tuple(found)


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.is_dir())
