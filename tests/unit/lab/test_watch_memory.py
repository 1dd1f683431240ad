"""The watch on memory and on processes: the machine's counters, who died, what is told of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifedesk_lab.notices import board
from lifedesk_lab.watch import words
from lifedesk_lab.watch.cgroup import Memory, find_memory
from lifedesk_lab.watch.ledger import Ledger
from lifedesk_lab.watch.processes import Process, Processes, program_name
from lifedesk_lab.watch.programs import ProgramDeaths, program_notice
from tests.support.waiting import wait_until

GIB = 1024**3
V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"
V2 = "low 0\nhigh 0\nmax 12\noom 3\noom_kill {}\noom_group_kill 0\n"


def cgroup_v1(root: Path, kills: int, limit: str = str(2 * GIB)) -> Memory:
    (root / "memory").mkdir(exist_ok=True)
    (root / "memory/memory.oom_control").write_text(V1.format(kills))
    (root / "memory/memory.limit_in_bytes").write_text(f"{limit}\n")
    found = find_memory(root)
    assert found is not None
    return found


@pytest.mark.parametrize(("limit", "read"), [("2147483648", 2 * GIB), ("9223372036854771712", None)])
def test_the_first_version_of_cgroups_is_read(tmp_path: Path, limit: str, read: int | None) -> None:
    memory = cgroup_v1(tmp_path, 3, limit)
    assert (memory.kills(), memory.limit_bytes()) == (3, read)


@pytest.mark.parametrize(("limit", "read"), [("536870912", GIB // 2), ("max", None)])
def test_the_second_version_of_cgroups_is_read(tmp_path: Path, limit: str, read: int | None) -> None:
    (tmp_path / "memory.events").write_text(V2.format(1))
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    memory = find_memory(tmp_path)
    assert memory is not None
    assert (memory.kills(), memory.limit_bytes()) == (1, read)


def test_without_accounting_no_death_is_said_to_be_for_memory(tmp_path: Path) -> None:
    assert find_memory(tmp_path) is None
    ledger = Ledger(None)
    assert (ledger.claim(), ledger.untold(), ledger.limit_bytes()) == (False, 0, None)


def test_a_death_is_told_once_and_those_before_the_session_never(tmp_path: Path) -> None:
    ledger = Ledger(cgroup_v1(tmp_path, 3))
    assert not ledger.claim()
    cgroup_v1(tmp_path, 5)
    assert ledger.untold() == 2
    assert [ledger.claim() for _ in range(3)] == [True, True, False]


class NoKernels:
    """Stands for a session without kernels."""

    numbers: frozenset[int] = frozenset()
    unnoticed = False

    def has_unnoticed(self) -> bool:
        return self.unnoticed


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that can be known by its name."""
    with subprocess.Popen([sys.executable, "-m", "timeit", "-s", "import time", "time.sleep(60)"]) as process:
        command_line = Path(f"/proc/{process.pid}/cmdline")
        wait_until(lambda: "timeit" in command_line.read_text(), "the process has no command line yet")
        yield process
        process.kill()


def test_a_program_ended_for_memory_is_named_once_no_kernel_has_claimed_it(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    ledger = Ledger(cgroup_v1(tmp_path, 0))
    kernels = NoKernels()
    deaths = ProgramDeaths(ledger, kernels, {"timeit": "The stopwatch"})
    deaths.look()
    deaths.look()
    sleeper.kill()
    sleeper.wait()
    cgroup_v1(tmp_path, 1)
    deaths.look()
    assert board.standing() == []
    kernels.unnoticed = True
    deaths.look()
    assert board.standing() == []
    kernels.unnoticed = False
    deaths.look()
    deaths.look()
    [notice] = board.standing()
    assert notice.summary == ("The program The stopwatch was ended because the session used all of its 2 GB of memory.")


def test_a_program_that_lived_too_shortly_to_be_known_is_told_of_without_a_name() -> None:
    assert program_notice(None, None).summary == "A program was ended because the machine had no memory left."


def test_processes_are_known_with_names_and_sizes_until_they_have_gone(sleeper: subprocess.Popen[bytes]) -> None:
    processes = Processes()
    processes.look()
    processes.look()
    sleeper.kill()
    sleeper.wait()
    gone = {process.number: process for process in processes.look()}
    assert gone[sleeper.pid].name == "timeit"
    assert gone[sleeper.pid].resident_bytes > 1024**2
    assert os.getpid() not in gone


def test_a_dead_process_that_nobody_waits_for_has_gone(sleeper: subprocess.Popen[bytes]) -> None:
    processes = Processes()
    processes.look()
    sleeper.kill()
    wait_until(lambda: "Z (zombie)" in Path(f"/proc/{sleeper.pid}/status").read_text(), "the process lives")
    assert sleeper.pid in [process.number for process in processes.look()]


def test_who_has_gone_comes_largest_first(tmp_path: Path) -> None:
    for number, pages in ((7, 1), (8, 300), (9, 20)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "statm").write_text(f"900 {pages} 1 1 0 1 0\n")
        (tmp_path / str(number) / "cmdline").write_bytes(b"")
        (tmp_path / str(number) / "comm").write_text(f"worker {number}\n")
    processes = Processes(tmp_path)
    processes.look()
    for number in (7, 8):
        for file in (tmp_path / str(number)).iterdir():
            file.unlink()
        (tmp_path / str(number)).rmdir()
    page = os.sysconf("SC_PAGE_SIZE")
    assert processes.look() == [Process(8, "worker 8", 300 * page), Process(7, "worker 7", page)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/opt/venv/bin/python /opt/venv/bin/napari cells.zarr", "napari"),
        ("/usr/bin/python3 -m pymol", "pymol"),
        ("python3 -c pass", "python3"),
        ("/usr/bin/xterm", "xterm"),
        ("", ""),
    ],
)
def test_a_program_is_called_by_its_script_rather_than_its_interpreter(line: str, name: str) -> None:
    assert program_name(line.split(" ")) == name


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1024, "1 kB"), (1536 * 1024**2, "1.5 GB"), (1023 * 1024**2, "0.999 GB")],
)
def test_sizes_are_said_in_steps_of_1024(count: int, said: str) -> None:
    assert words.size(count) == said


def test_a_long_path_keeps_its_end() -> None:
    assert words.short("a/analysis.ipynb") == "a/analysis.ipynb"
    shortened = words.short("very/" * 20 + "analysis.ipynb")
    assert len(shortened) == 60
    assert shortened.startswith("…")
    assert shortened.endswith("very/analysis.ipynb")


@pytest.mark.parametrize(
    ("code", "said"),
    [(1, "with exit code 1"), (-15, "by signal 15 (SIGTERM, terminated)"), (-99, "by signal 99")],
)
def test_an_end_is_said_with_its_number(code: int, said: str) -> None:
    assert words.end(code) == said
