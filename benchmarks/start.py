"""From the click on Start to a session one can work in: Lifedesk beside a stock hub, on the same image.

Peer: JupyterHub with DockerSpawner as its documentation sets it up, starting plain `jupyterhub-singleuser`. All starts
of one kind alternate between the two: with the image's files in the page cache and without; then each gets a storm of N
people at once; then each is looked at in Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import docker
import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.browsing import Load, chromium, person, see_desktop, see_kernel_answer, see_launcher
from benchmarks.hubs import Hub, Image, made_image, two_hubs
from benchmarks.machine import Memory, description, forget_files, memory
from benchmarks.orders import start, stop, stop_now

WARM_STARTS, COLD_STARTS, IDLE_LOOKS, BROWSER_STARTS = 10, 3, 3, 3
SETTLE_SECONDS = 2.0
"""A server is idle that long before its memory is read."""

progress = Console(stderr=True)


@dataclass
class Figures:
    """One hub's starts, in seconds; a start that failed has none."""

    warm: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    storm: list[float] = field(default_factory=list)
    idle: list[Memory] = field(default_factory=list)
    lab: list[Load] = field(default_factory=list)
    kernel: list[float] = field(default_factory=list)
    desktop: list[float] = field(default_factory=list)
    failed: int = 0

    def summary(self) -> dict[str, float | int | None]:
        """Medians, and percentiles of what many wait for."""
        return {
            "server_ready_s": median(self.warm),
            "server_ready_p95_s": percentile(self.warm, 95),
            "server_ready_cold_s": median(self.cold),
            "storm_p50_s": percentile(self.storm, 50),
            "storm_p95_s": percentile(self.storm, 95),
            "storm_ready": len(self.storm),
            "idle_memory_bytes": median([one.anonymous + one.cache for one in self.idle]),
            "idle_anonymous_bytes": median([one.anonymous for one in self.idle]),
            "idle_cache_bytes": median([one.cache for one in self.idle]),
            "lab_usable_s": median([load.seconds for load in self.lab]),
            "first_kernel_answer_s": median(self.kernel),
            "first_load_bytes": median([load.bytes for load in self.lab]),
            "first_load_requests": median([load.requests for load in self.lab]),
            "desktop_first_frame_s": median(self.desktop),
            "failed": self.failed,
        }


def median(values: Sequence[float]) -> float | None:
    """To the millisecond, or the byte; None of nothing."""
    return round(statistics.median(values), 3) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Nearest-rank percentile; None of nothing."""
    if not values:
        return None
    return round(sorted(values)[max(0, math.ceil(percent / 100 * len(values)) - 1)], 3)


@dataclass(frozen=True)
class Run:
    """What one run measures on."""

    engine: docker.DockerClient
    image: Image
    users: int
    both: tuple[tuple[Hub, Figures], tuple[Hub, Figures]]
    """Lifedesk's hub and the stock one."""

    async def measure_servers(self) -> None:
        """Single starts, alternating, and a storm each; the first start of each hub warms up and does not count."""
        for hub, _ in self.both:
            await self._single(hub, Figures(), "warmup", [])
        for number in range(WARM_STARTS):
            progress.print(f"{self.image.name}: start {number + 1} of {WARM_STARTS}", end="\r")
            for hub, figures in reversed(self.both):
                await self._single(hub, figures, f"warm{number}", figures.warm)
        for number in range(COLD_STARTS):
            for hub, figures in self.both:
                if forget_files(self.engine, self.image.tag):
                    await self._single(hub, figures, f"cold{number}", figures.cold)
        for hub, figures in reversed(self.both):
            if self.users > 1:
                progress.print(f"{self.image.name}: {self.users} people at once, {hub.title}   ")
                await self._storm(hub, figures)

    async def _single(self, hub: Hub, figures: Figures, user: str, times: list[float]) -> None:
        async with hub.client() as client:
            await client.post(f"/hub/api/users/{user}")
            try:
                times.append(await start(client, user))
                if len(figures.idle) < IDLE_LOOKS:
                    await asyncio.sleep(SETTLE_SECONDS)
                    figures.idle.append(memory(self.engine, hub.container_of(user)))
            except httpx.HTTPError as error:
                self._failed(hub, figures, error)
            await stop(client, user)

    async def _storm(self, hub: Hub, figures: Figures) -> None:
        names = [f"storm{number:03d}" for number in range(self.users)]
        async with hub.client() as client:
            await asyncio.gather(*(client.post(f"/hub/api/users/{name}") for name in names))
            for result in await asyncio.gather(*(start(client, name) for name in names), return_exceptions=True):
                if isinstance(result, float):
                    figures.storm.append(result)
                else:
                    self._failed(hub, figures, result)
            await asyncio.gather(*(stop(client, name) for name in names))

    def _failed(self, hub: Hub, figures: Figures, error: BaseException) -> None:
        figures.failed += 1
        progress.print(f"{hub.title}: a start failed: {error}", markup=False)

    def measure_browser(self) -> None:
        """Starts seen in a browser that has nothing yet, alternating."""
        with chromium() as browser:
            for number in range(BROWSER_STARTS):
                progress.print(f"{self.image.name}: in the browser, {number + 1} of {BROWSER_STARTS}", end="\r")
                for hub, figures in reversed(self.both):
                    user = f"seen{number}"
                    with person(browser, hub, user) as page:
                        load = see_launcher(page, hub)
                        figures.lab.append(load)
                        figures.kernel.append(load.seconds + see_kernel_answer(page))
                    stop_now(hub, user)
                if self.image.has_desktop:
                    hub, figures = self.both[0]
                    with person(browser, hub, f"desktop{number}") as page:
                        figures.desktop.append(see_desktop(page, hub))
                    stop_now(hub, f"desktop{number}")


def report(image: str, ours: Figures, stock: Figures, machine: dict[str, object]) -> dict[str, object]:
    """The figures of one image; ratios are ours over stock, so less is better."""
    mine, theirs = ours.summary(), stock.summary()

    def ratio(name: str) -> float | None:
        own, other = mine[name], theirs[name]
        return round(own / other, 3) if own and other else None

    return {
        "image": image,
        "ratio_server_ready": ratio("server_ready_s"),
        "ratio_storm_p95": ratio("storm_p95_s"),
        "ratio_idle_memory": ratio("idle_memory_bytes"),
        "lab_usable_s": mine["lab_usable_s"],
        "desktop_first_frame_s": mine["desktop_first_frame_s"],
        "first_kernel_answer_s": mine["first_kernel_answer_s"],
        "ours": mine,
        "stock": theirs,
        "machine": machine,
    }


def measure(name: str, users: int, with_browser: bool) -> dict[str, object]:
    """Build the image if need be, and measure it."""
    engine = docker.from_env()
    image = made_image(engine, name)
    machine = description(engine)
    with two_hubs(image) as (ours_hub, stock_hub):
        ours, stock = Figures(), Figures()
        run = Run(engine, image, users, ((ours_hub, ours), (stock_hub, stock)))
        asyncio.run(run.measure_servers())
        if with_browser:
            run.measure_browser()
    return report(name, ours, stock, machine)


def main() -> None:
    """Run the benchmark and print its figures; exit status 1 if any of our starts failed."""
    parser = argparse.ArgumentParser(prog="lifedesk bench start", description=__doc__)
    parser.add_argument("--image", default="base", help="image to start (default: base)")
    parser.add_argument("--users", type=int, default=20, help="people of the storm (default: 20)")
    parser.add_argument("--no-browser", action="store_true", help="measure servers only")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    figures = measure(arguments.image, arguments.users, not arguments.no_browser)
    if arguments.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _print(figures)
    ours = figures["ours"]
    assert isinstance(ours, dict)
    sys.exit(1 if ours["failed"] else 0)


_SHOWN: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("server_ready_s", "server answers, median", lambda value: f"{value:.2f} s"),
    ("server_ready_p95_s", "server answers, p95", lambda value: f"{value:.2f} s"),
    ("server_ready_cold_s", "server answers, nothing cached", lambda value: f"{value:.2f} s"),
    ("storm_p50_s", "storm, median", lambda value: f"{value:.2f} s"),
    ("storm_p95_s", "storm, p95", lambda value: f"{value:.2f} s"),
    ("storm_ready", "storm, servers that answered", lambda value: f"{value:.0f}"),
    ("idle_memory_bytes", "idle memory", lambda value: f"{value / 1e6:.1f} MB"),
    ("lab_usable_s", "JupyterLab usable", lambda value: f"{value:.2f} s"),
    ("first_load_bytes", "bytes until then", lambda value: f"{value / 1e6:.2f} MB"),
    ("first_kernel_answer_s", "first kernel answers 1+1", lambda value: f"{value:.2f} s"),
    ("desktop_first_frame_s", "desktop's first picture", lambda value: f"{value:.2f} s"),
    ("failed", "failed starts", lambda value: f"{value:.0f}"),
)


def _print(figures: dict[str, object]) -> None:
    ours, stock = figures["ours"], figures["stock"]
    assert isinstance(ours, dict)
    assert isinstance(stock, dict)
    table = Table("", "ours", "stock", "ratio", title=f"From the click on Start, image {figures['image']}")
    for name, title, shown in _SHOWN:
        own, other = ours[name], stock[name]
        ratio = f"{own / other:.2f}" if own and other and name != "storm_ready" else ""
        table.add_row(title, *("" if value is None else shown(value) for value in (own, other)), ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
