"""Pulls beside a widget that holds a lock of its own, as the browser does while it answers a view."""

from __future__ import annotations

import threading

import pytest

import lifedesk_catalogue as catalogue
from lifedesk_catalogue.widgets.pulls import Pulls
from tests.support.archive_server import ArchiveServer
from tests.support.waiting import wait_until


@pytest.mark.usefixtures("home")
def test_a_pull_can_be_stopped_while_its_progress_waits_to_be_shown(
    archive_server: ArchiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFEDESK_ARCHIVES", archive_server.environment)
    archive_server.fault("drip", "big.bin", bytes_per_second=1_000_000)
    dataset = catalogue.get("S-BIAD1")
    widget_lock, is_waiting = threading.Lock(), threading.Event()

    def show(_: str) -> None:
        is_waiting.set()
        with widget_lock:
            pass

    pulls = Pulls(show)
    pulls.start("key", dataset, catalogue.list_files(dataset))
    wait_until(lambda: (stage := pulls.stage("key")) and stage.progress, "nothing arrived")
    with widget_lock:
        is_waiting.clear()
        wait_until(is_waiting.is_set, "no progress was told")
        stopping = threading.Thread(target=pulls.cancel, args=("key",), daemon=True)
        stopping.start()
        wait_until(lambda: (stage := pulls.stage("key")) and stage.is_stopping, "stopping waits for the widget", 10)
    stopping.join(10)
    wait_until(lambda: (stage := pulls.stage("key")) and stage.is_cancelled, "the pull did not stop")
