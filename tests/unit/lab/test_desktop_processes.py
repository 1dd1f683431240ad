"""What programs say is kept in part; what a desktop leaves behind is found."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

from lifedesk_lab.desktop import leftovers
from lifedesk_lab.desktop.output import LastLines
from tests.support.waiting import wait_until


async def start(program: str) -> LastLines:
    """What is kept of what a Python program says, once it has ended."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    output = LastLines(process.stdout)
    await process.wait()
    return output


async def said(program: str) -> str:
    return await (await start(program)).after_end()


async def test_the_last_lines_are_kept_whatever_a_program_says() -> None:
    lines = (await said("for i in range(5000): print('line', i)")).splitlines()
    assert (len(lines), lines[0], lines[-1]) == (30, "line 4970", "line 4999")


async def test_lines_without_end_and_bytes_that_are_no_text_are_no_harm() -> None:
    text = await said("import os; os.write(1, b'x' * 5_000_000 + b'\\xff')")
    assert len(text) == 400
    assert text.endswith("\N{REPLACEMENT CHARACTER}")


async def test_a_child_that_holds_the_output_open_is_read_to_its_end() -> None:
    output = await start("import subprocess; print('bye', flush=True); subprocess.Popen(['sleep', '1'])")
    assert await output.after_end() == "bye"
    await output.reading


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def processes(mark: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Three that sleep: of the desktop, of it with nohup, and of nothing."""
    environment = {**os.environ, "LIFEDESK_DESKTOP": mark}
    started = {
        "mine": subprocess.Popen(["sleep", "60"], env=environment),
        "nohup": subprocess.Popen(["nohup", "sleep", "60"], env=environment, stdout=subprocess.DEVNULL),
        "other": subprocess.Popen(["sleep", "60"]),
    }
    yield started
    for process in started.values():
        process.kill()
        process.wait()


def test_only_what_belongs_to_the_desktop_and_fears_the_hangup_is_ended(
    mark: str, processes: dict[str, subprocess.Popen[bytes]]
) -> None:
    wait_until(lambda: list(leftovers.marked(mark)) == [processes["mine"].pid], "the mark is not found")
    assert leftovers.end_all(mark, signal.SIGTERM) == 1
    assert processes["mine"].wait(10) == -signal.SIGTERM
    assert processes["nohup"].poll() is processes["other"].poll() is None
    assert list(leftovers.marked(mark)) == []
