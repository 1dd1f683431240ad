"""The first visit to JupyterLab over a fast and a slow line: with the front web server, and without it.

Peer: the same node with people's browsers at the proxy itself, so that every file comes from the person's own server.
Starts alternate between the two.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import docker
from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from benchmarks.browsing import Load, chromium, person, see_launcher
from benchmarks.hubs import Hub, made_image, our_hub
from benchmarks.machine import description
from benchmarks.orders import stop_now
from benchmarks.start import median

STARTS = 3
LINES: dict[str, float | None] = {"fast": None, "slow": 5.0}
"""Name → Mbit/s; None is the machine's own loopback."""

progress = Console(stderr=True)


def cpu_seconds(pid: int) -> float:
    """Processor time of that process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def visit(browser: Browser, hub: Hub, user: str, megabits: float | None) -> tuple[Load, dict[str, float]]:
    """One first visit, and the processor time it took the hub's own parts and the session."""
    engine = docker.from_env()
    before = {name: cpu_seconds(pid) for name, pid in hub.processes.items()}
    with person(browser, hub, user, megabits) as page:
        load = see_launcher(page, hub)
        spent = {name: cpu_seconds(pid) - before[name] for name, pid in hub.processes.items()}
        stats = engine.containers.get(hub.container_of(user)).stats(stream=False)
        spent["session"] = stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
    stop_now(hub, user)
    return load, spent


def summary(visits: Sequence[tuple[Load, dict[str, float]]]) -> dict[str, object]:
    """Medians of the visits."""
    loads = [load for load, _ in visits]
    return {
        "lab_usable_s": median([load.seconds for load in loads]),
        "requests": median([load.requests for load in loads]),
        "bytes": median([load.bytes for load in loads]),
        "cpu_s": {name: median([spent[name] for _, spent in visits]) for name in visits[0][1]},
    }


def measure(image: str) -> dict[str, object]:
    """Build the image if need be, and measure it over both lines."""
    engine = docker.from_env()
    made, machine = made_image(engine, image), description(engine)
    with our_hub(made, with_front=True) as ours, our_hub(made, with_front=False) as peer, chromium() as browser:
        for hub in (ours, peer):
            visit(browser, hub, "warmup", None)
        found: dict[str, object] = {}
        for line, megabits in LINES.items():
            visits: dict[str, list[tuple[Load, dict[str, float]]]] = {"with_front": [], "without": []}
            for number in range(STARTS):
                progress.print(f"{line} line, {number + 1} of {STARTS}", end="\r")
                for name, hub in (("without", peer), ("with_front", ours)):
                    visits[name].append(visit(browser, hub, f"{line}{number}", megabits))
            found[line] = {"megabits": megabits, **{name: summary(some) for name, some in visits.items()}}
    return {"image": image, "lines": found, "machine": machine}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="lifedesk bench line", description=__doc__)
    parser.add_argument("--image", default="base", help="image to start (default: base)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    figures = measure(arguments.image)
    if arguments.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _print(figures)


def _print(figures: dict[str, object]) -> None:
    table = Table("line", "", "lab usable", "requests", "bytes", "processor time", title="First visit to JupyterLab")
    lines = figures["lines"]
    assert isinstance(lines, dict)
    for line, found in lines.items():
        for name in ("with_front", "without"):
            row = found[name]
            spent = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in row["cpu_s"].items())
            size = f"{row['bytes'] / 1e6:.2f} MB"
            table.add_row(line, name, f"{row['lab_usable_s']:.2f} s", f"{row['requests']:.0f}", size, spent)
    Console().print(table)


if __name__ == "__main__":
    main()
