"""The pulls of one browser: each in a thread of its own, each stoppable, each told as it goes."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lifedesk_catalogue.errors import CatalogueError, PullCancelled
from lifedesk_catalogue.model import Dataset, File
from lifedesk_catalogue.plan import plan_pull
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.pull import pull
from lifedesk_catalogue.widgets.background import in_background
from lifedesk_catalogue.widgets.pulling import PullStage

SECONDS_BETWEEN_VIEWS = 0.2


class Pulls:
    """What stage each data set's pull is at, by the data set's key."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        """`on_change` hears, in any thread, the key of a pull that has come further. No lock of ours is held then, so
        that it may take its own."""
        self._on_change = on_change
        self._stages: dict[str, PullStage] = {}
        self._cancels: dict[str, threading.Event] = {}
        self._shown_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._folders: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        """Held by who works in a data set's folder: a pull waits for the look whether everything is there."""

    def stage(self, key: str) -> PullStage | None:
        """How far this pull is; None when there was none."""
        return self._stages.get(key)

    def folder(self, key: str) -> Path | None:
        """Where the data set lies, once it is pulled."""
        stage = self._stages.get(key)
        return stage.pulled.folder if stage and stage.pulled else None

    def start(self, key: str, dataset: Dataset, files: Sequence[File]) -> None:
        """Plan and pull these files in the background, unless this data set is being pulled already."""
        with self._lock:
            stage = self._stages.get(key)
            if stage and stage.is_running:
                return
            cancel = self._cancels[key] = threading.Event()
            self._stages[key] = PullStage(key=key)
        self._on_change(key)
        in_background(
            lambda: self._work(key, dataset, files, cancel),
            lambda sentence: self._change(key, problem=sentence),
            "pull",
        )

    def cancel(self, key: str) -> None:
        """Ask the pull to stop; it does within about a second."""
        with self._lock:
            stage = self._stages.get(key)
            if not stage or not stage.is_running:
                return
            self._cancels[key].set()
            self._stages[key] = replace(stage, is_stopping=True)
        self._on_change(key)

    def cancel_all(self) -> None:
        """Ask every pull to stop."""
        for key in tuple(self._stages):
            self.cancel(key)

    def look_for(self, key: str, dataset: Dataset, files: Sequence[File]) -> None:
        """Find out whether an earlier pull has brought everything, and say so if it has.

        Folders that the archive lists as one entry would have to be listed first; for those nothing is done.
        """
        if not files or any(file.is_directory for file in files) or self._stages.get(key):
            return
        try:
            with self._folders[key]:
                plan = plan_pull(dataset, files)
                pulled = pull(plan) if plan.is_complete else None
        except CatalogueError:
            return  # the pull itself, when asked for, will say what is wrong
        with self._lock:
            if not pulled or key in self._stages:
                return
            self._stages[key] = PullStage(key=key, plan=plan, pulled=pulled)
        self._on_change(key)

    def _work(self, key: str, dataset: Dataset, files: Sequence[File], cancel: threading.Event) -> None:
        try:
            with self._folders[key]:
                plan = plan_pull(dataset, files)
                self._change(key, plan=plan)
                pulled = pull(plan, lambda progress: self._on_progress(key, progress), cancel)
        except PullCancelled:
            self._change(key, is_cancelled=True)
        else:
            self._change(key, pulled=pulled)

    def _on_progress(self, key: str, progress: Progress) -> None:
        with self._lock:
            before = self._stages[key].progress
            is_new_state = before is None or before.state != progress.state
            self._stages[key] = replace(self._stages[key], progress=progress)
            now = time.monotonic()
            if not is_new_state and now - self._shown_at.get(key, 0.0) < SECONDS_BETWEEN_VIEWS:
                return
            self._shown_at[key] = now
        self._on_change(key)

    def _change(self, key: str, **changes: object) -> None:
        with self._lock:
            self._stages[key] = replace(self._stages[key], **changes)  # type: ignore[arg-type]  # fields of PullStage
        self._on_change(key)
