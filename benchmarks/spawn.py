"""From the click on Start to the server's first answer through the proxy: Lifedesk beside a stock hub.

Peer: JupyterHub with DockerSpawner as its documentation sets it up, starting plain `jupyterhub-singleuser` in the
same base image. Single starts alternate between the two; then each gets a storm of N people at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import sys
import time
from dataclasses import dataclass, field

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.hubs import Hub, two_hubs
from lifedesk_hub.node.images import build, image_tags

SINGLE_STARTS = 10
START_SECONDS = 240.0

progress = Console(stderr=True)


@dataclass
class Figures:
    """Seconds of one hub's starts; a start that failed has none."""

    singles: list[float] = field(default_factory=list)
    storm: list[float] = field(default_factory=list)
    failed: int = 0

    def summary(self) -> dict[str, float | int | None]:
        """Median and 95th percentiles, in seconds."""
        return {
            "median_s": _rounded(statistics.median(self.singles)) if self.singles else None,
            "p95_s": _rounded(percentile(self.singles, 95)),
            "storm_p95_s": _rounded(percentile(self.storm, 95)),
            "failed": self.failed,
        }


def percentile(values: list[float], percent: float) -> float | None:
    """Nearest-rank percentile; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


async def start(client: httpx.AsyncClient, user: str) -> float:
    """Seconds from the order to the server's first answer through the proxy. Raises `httpx.HTTPError`."""
    began = time.perf_counter()
    answer = await client.post(f"/hub/api/users/{user}/server")
    answer.raise_for_status()
    if answer.status_code == 202:
        await _until_ready(client, user)
    while True:
        answer = await client.get(f"/user/{user}/api")
        if answer.status_code == 200 and "version" in answer.text:
            return time.perf_counter() - began
        if time.perf_counter() - began > START_SECONDS:
            raise httpx.ReadTimeout(f"{user}'s server did not answer within {START_SECONDS:.0f} s")
        await asyncio.sleep(0.05)


async def _until_ready(client: httpx.AsyncClient, user: str) -> None:
    """Follow the events that the pending page follows."""
    async with client.stream("GET", f"/hub/api/users/{user}/server/progress") as events:
        events.raise_for_status()
        async for line in events.aiter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line.removeprefix("data:"))
            if event.get("ready"):
                return
            if event.get("failed"):
                raise httpx.HTTPError(str(event.get("message")))


async def stop(client: httpx.AsyncClient, user: str) -> None:
    """Stop the person's server and wait until it is gone."""
    await client.delete(f"/hub/api/users/{user}/server")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = await client.get(f"/hub/api/users/{user}")
        if not answer.json().get("servers"):
            return
        await asyncio.sleep(0.1)


async def single(hub: Hub, figures: Figures, user: str) -> None:
    """One start on a quiet hub."""
    async with hub.client() as client:
        await client.post(f"/hub/api/users/{user}")
        try:
            figures.singles.append(await start(client, user))
        except httpx.HTTPError as error:
            figures.failed += 1
            progress.print(f"{hub.title}: a start failed: {error}", markup=False)
        await stop(client, user)


async def storm(hub: Hub, figures: Figures, users: int) -> None:
    """All at once."""
    names = [f"storm{number:03d}" for number in range(users)]
    async with hub.client() as client:
        await asyncio.gather(*(client.post(f"/hub/api/users/{name}") for name in names))
        results = await asyncio.gather(*(start(client, name) for name in names), return_exceptions=True)
        for result in results:
            if isinstance(result, float):
                figures.storm.append(result)
            else:
                figures.failed += 1
                progress.print(f"{hub.title}: a start failed: {result}", markup=False)
        await asyncio.gather(*(stop(client, name) for name in names))


async def measure(ours_hub: Hub, stock_hub: Hub, users: int) -> tuple[Figures, Figures]:
    """Alternating single starts, then a storm each; the first start of each hub warms up and does not count."""
    ours, stock = Figures(), Figures()
    for hub in (stock_hub, ours_hub):
        await single(hub, Figures(), "warm")
    for number in range(SINGLE_STARTS):
        progress.print(f"single start {number + 1} of {SINGLE_STARTS}", end="\r")
        await single(stock_hub, stock, f"single{number}")
        await single(ours_hub, ours, f"single{number}")
    if users > 1:
        for hub, figures in ((stock_hub, stock), (ours_hub, ours)):
            progress.print(f"{users} people at once: {hub.title}   ")
            await storm(hub, figures, users)
    return ours, stock


def report(users: int, ours: Figures, stock: Figures) -> dict[str, object]:
    """The figures of one run; ratios are ours over stock, so less is better."""
    mine, theirs = ours.summary(), stock.summary()
    return {
        "users": users,
        "ours": mine,
        "stock": theirs,
        "ratio_median": _ratio(mine["median_s"], theirs["median_s"]),
        "ratio_storm_p95": _ratio(mine["storm_p95_s"], theirs["storm_p95_s"]),
    }


def _ratio(mine: float | int | None, theirs: float | int | None) -> float | None:
    return round(mine / theirs, 3) if mine and theirs else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def main() -> None:
    """Run the benchmark and print its figures; exit status 1 if any of our starts failed."""
    parser = argparse.ArgumentParser(prog="lifedesk bench spawn", description=__doc__)
    parser.add_argument("--users", type=int, default=20, help="people of the storm (default: 20)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    build(["base"], None, lambda text: None)
    with two_hubs(image_tags()["base"]) as (ours_hub, stock_hub):
        ours, stock = asyncio.run(measure(ours_hub, stock_hub, arguments.users))
    figures = report(arguments.users, ours, stock)
    if arguments.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _print(figures)
    sys.exit(1 if ours.failed else 0)


def _print(figures: dict[str, object]) -> None:
    table = Table(
        "",
        "single, median",
        "single, p95",
        f"storm of {figures['users']}, p95",
        "failed",
        title="Start to first answer",
    )
    for title in ("ours", "stock"):
        row = figures[title]
        assert isinstance(row, dict)
        table.add_row(title, f"{row['median_s']} s", f"{row['p95_s']} s", f"{row['storm_p95_s']} s", str(row["failed"]))
    table.add_row("ratio", str(figures["ratio_median"]), "", str(figures["ratio_storm_p95"]), "")
    Console().print(table)


if __name__ == "__main__":
    main()
