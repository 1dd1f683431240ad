"""The audit log's file."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from lifedesk_hub.login.audit import AuditLog


def test_every_event_is_one_line_that_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "log" / "audit.jsonl"
    log = AuditLog(path)
    log.write("login", user="ua", groups=["x"], address=None)
    log.write("login_refused", reason="line\nbreak")
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert (first["event"], first["user"], first["groups"]) == ("login", "ua", ["x"])
    assert "address" not in first
    assert second["reason"] == "line\nbreak"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_entries_of_one_person_are_found_past_a_damaged_line(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    log.write("login", user="ua")
    with (tmp_path / "audit.jsonl").open("a") as file:
        file.write('{"event": "login", "user": "ua", "gro\n')
    log.write("login", user="ub", note="ua")
    log.write("logout", user="ua")
    assert [entry["event"] for entry in log.about("ua")] == ["login", "logout"]
    assert list(AuditLog(tmp_path / "none").about("ua")) == []


def test_a_log_that_cannot_be_written_is_an_error_and_not_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.ERROR):
        AuditLog(tmp_path / "file" / "audit.jsonl").write("login", user="ua")
    assert "cannot be written" in caplog.text
    assert '"event": "login"' in caplog.text
