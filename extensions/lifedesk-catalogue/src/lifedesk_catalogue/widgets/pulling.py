"""A pull as it is shown: from the plan to the last checksum, or to what stopped it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from lifedesk_catalogue.model import ChecksumLevel
from lifedesk_catalogue.plan import Plan
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.pull import Pulled
from lifedesk_catalogue.text import duration_text, size_text

CHECKED: dict[ChecksumLevel, str] = {
    "published": "equal to the checksum the archive publishes",
    "etag-md5": "equal to the MD5 the object store gives",
    "size-only": "checked by size only, for want of a published checksum",
    "none": "not checked, because the archive states neither checksum nor size",
}
ANNOUNCED_STEPS = 4
"""A screen reader hears each quarter of a pull, not each percent."""


class PullView(TypedDict):
    """What stands below the files."""

    state: str
    headline: str
    fraction: float | None
    lines: list[str]
    announcement: str
    is_running: bool
    is_problem: bool
    action: str
    """What the button says; empty for no button."""
    folder: str


@dataclass(frozen=True, kw_only=True)
class PullStage:
    """How far a pull is. Exactly what is known at each stage, nothing computed."""

    key: str
    """The data set it belongs to."""
    plan: Plan | None = None
    progress: Progress | None = None
    pulled: Pulled | None = None
    problem: str = ""
    is_cancelled: bool = False
    is_stopping: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it goes on by itself."""
        return self.pulled is None and not self.problem and not self.is_cancelled


def pull_view(stage: PullStage | None) -> PullView:
    """What is shown of a pull, or of none yet."""
    if stage is None:
        return _view(state="none", headline="", action="Pull")
    if stage.pulled is not None:
        return _complete(stage.pulled, stage.plan)
    if stage.problem:
        already = stage.progress is not None
        return _view(
            state="failed",
            headline=stage.problem,
            lines=["What arrived is kept; pulling again goes on there."] if already else [],
            announcement=stage.problem,
            is_problem=True,
            action="Resume pull" if already else "Try again",
            fraction=stage.progress.fraction if stage.progress else None,
        )
    if stage.is_cancelled:
        arrived = f" {_amount(stage.progress)} are kept, and pulling again goes on there." if stage.progress else ""
        return _view(
            state="cancelled",
            headline=f"Stopped.{arrived}",
            announcement="Pull stopped",
            action="Resume pull",
            fraction=stage.progress.fraction if stage.progress else None,
        )
    return _running(stage)


def _running(stage: PullStage) -> PullView:
    progress, plan = stage.progress, stage.plan
    if plan is None:
        headline = "Working out what to fetch …"
        return _view(state="planning", headline=headline, announcement=headline, is_running=True, action="Cancel")
    warnings = list(plan.warnings)
    if progress is None:
        headline = f"Starting, into {plan.into}"
        return _view(state="starting", headline=headline, announcement="Pull started", is_running=True, lines=warnings)
    is_stopping = stage.is_stopping or progress.state in {"cancelled", "failed"}
    headline = "Stopping …" if is_stopping else _STATES.get(progress.state, f"Pulling into {plan.into}")
    lines = [_figures(progress)]
    lines += [progress.message] if progress.message else []
    return _view(
        state="stopping" if is_stopping else "checking" if progress.state == "complete" else progress.state,
        headline=headline,
        fraction=progress.fraction,
        lines=lines + warnings,
        announcement=_announcement(progress),
        is_running=True,
        action="" if is_stopping else "Cancel",
    )


_STATES = {
    "starting": "Starting",
    "retrying": "Waiting, then trying again",
    "checking": "Checking what arrived",
    "complete": "Checking what arrived",
}


def _complete(pulled: Pulled, plan: Plan | None) -> PullView:
    brought = pulled.fetched
    headline = (
        "Everything was here already"
        if brought == 0
        else f"Pulled {_files(brought)}, {size_text(pulled.fetched_bytes)}"
    )
    lines = [f"{_files(count)} {CHECKED[level]}." for level, count in pulled.checksum_levels.items() if count]
    lines.append(f"Licence, citation and origin are written down in {pulled.crate.name}.")
    return _view(
        state="complete",
        headline=f"{headline}.",
        fraction=1.0,
        lines=lines + list(plan.warnings if plan else ()),
        announcement=headline,
        action="",
        folder=str(pulled.folder),
    )


def _figures(progress: Progress) -> str:
    parts = [_amount(progress), f"{progress.files_done} of {_files(progress.files_total)}"]
    if progress.bytes_per_second > 0:
        parts.append(f"{size_text(round(progress.bytes_per_second))}/s")
    if progress.eta_seconds is not None:
        parts.append(f"{duration_text(progress.eta_seconds)} left")
    return ", ".join(parts)


def _amount(progress: Progress) -> str:
    done = size_text(progress.bytes_done)
    return done if progress.bytes_total is None else f"{done} of {size_text(progress.bytes_total)}"


def _announcement(progress: Progress) -> str:
    if progress.state == "retrying":
        return progress.message or "Waiting, then trying again"
    if progress.fraction is None:
        return "Pulling"
    return f"{int(progress.fraction * ANNOUNCED_STEPS) * 100 // ANNOUNCED_STEPS} percent pulled"


def _files(count: int) -> str:
    return f"{count} file{'s' if count != 1 else ''}"


def _view(
    *,
    state: str,
    headline: str,
    fraction: float | None = None,
    lines: list[str] | None = None,
    announcement: str = "",
    is_running: bool = False,
    is_problem: bool = False,
    action: str = "",
    folder: str = "",
) -> PullView:
    return {
        "state": state,
        "headline": headline,
        "fraction": fraction,
        "lines": lines or [],
        "announcement": announcement,
        "is_running": is_running,
        "is_problem": is_problem,
        "action": action,
        "folder": folder,
    }
