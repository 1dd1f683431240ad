"""The desktop in the browser: first picture, keys, pictures per second, and what they cost, on a fast and a slow line.

Peer: the page and server part of jupyter-remote-desktop-proxy on the same image, with the same display server and
window manager. Keys are measured from the browser's keydown to the changed pixel in its canvas; napari pans a picture
beside it. The browser runs on the same machine and takes part of its processors.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from benchmarks.desktop_sessions import Start, ours, peer
from benchmarks.machine import description, memory
from lifedesk_hub.node.images import build, image_tags
from tests.desktop.desk import put_file
from tests.images import session
from tests.support.browser import chromium
from tests.support.slow_line import Line, slow_line
from tests.support.waiting import wait_until

FIRST_FRAMES, KEYS, SECONDS, IDLE_SECONDS = 3, 20, 8.0, 10.0
LINES: dict[str, Line | None] = {"fast": None, "slow": Line(megabits=5, round_trip_ms=60)}
SCREEN = {"width": 1920, "height": 1080}
TERMINAL, CANVAS = [30, 60, 420, 120], [1300, 500, 48, 48]
"""Parts of the screen that are looked at: left, top, width, height."""
LOOK = Path(__file__).with_name("desktop_look.js")
PAN = """
import math, time, napari, numpy
from qtpy.QtCore import QTimer
picture = numpy.random.default_rng(1).integers(0, 255, (64, 64), "uint8").repeat(32, 0).repeat(32, 1)
viewer = napari.Viewer()
viewer.add_image(picture)
window = viewer.window._qt_window
window.setGeometry(560, 60, 1300, 920)
drawn = [0]
viewer.window._qt_viewer.canvas._scene_canvas.events.draw.connect(lambda event: drawn.__setitem__(0, drawn[0] + 1))
def pan():
    viewer.camera.center = (0, 1024, 1024 + 300 * math.sin(3 * time.monotonic()))
def tell():
    open("/tmp/drawn", "w").write(str(drawn[0]))
timers = [QTimer(), QTimer()]
for timer, act, milliseconds in zip(timers, (pan, tell), (16, 250)):
    timer.timeout.connect(act)
    timer.start(milliseconds)
napari.run()
"""

progress = Console(stderr=True)


@dataclass
class View:
    """A browser's page that shows the desktop of a session."""

    server: session.Server
    page: Page

    def key_milliseconds(self) -> list[float]:
        """From keydown to the changed pixel in the terminal, for each of `KEYS` keys."""
        found = []
        for number in range(KEYS):
            self.page.evaluate("area => look.watchKey(area)", TERMINAL)
            self.page.keyboard.press("xyz"[number % 3])
            found.append(float(wait_until(lambda: self.page.evaluate("window.keyed"), "the key was not seen")))
            time.sleep(0.1)
        return found

    def frames_per_second(self) -> float:
        """Changes of a small part of napari's canvas that the page has painted."""
        return float(self.page.evaluate("([area, seconds]) => look.frames(area, seconds)", [CANVAS, SECONDS]))

    def in_desktop(self, command: str) -> None:
        """Start a program in the desktop, whoever started that."""
        display = "$(ls /tmp/.X11-unix | sed 's/X/:/' | head -1)"
        self.server.shell(f"DISPLAY={display} setsid {command} >/tmp/program.log 2>&1 &")


@dataclass
class Use:
    """What a container has used so far."""

    cpu_seconds: float
    sent_bytes: int
    at: float

    @classmethod
    def of(cls, container: str) -> Use:
        stats = docker.from_env().api.stats(container, stream=False, one_shot=True)
        sent = sum(network["tx_bytes"] for network in stats["networks"].values())
        return cls(stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, sent, time.monotonic())

    def since(self, before: Use) -> dict[str, float]:
        """Percent of a core, and kB a second."""
        seconds = self.at - before.at
        cpu = 100 * (self.cpu_seconds - before.cpu_seconds) / seconds
        return {
            "cpu_percent": round(cpu, 1),
            "kbytes_s": round((self.sent_bytes - before.sent_bytes) / seconds / 1e3, 1),
        }


@contextmanager
def view(browser: Browser, server: session.Server, line: Line | None) -> Iterator[tuple[View, float]]:
    """The desktop's page over `line`, and the seconds from its address to its first picture."""
    address = urlsplit(server.url)
    with (
        slow_line(line, address.hostname or "", address.port or 80) if line else _no_line(address.netloc) as host,
        browser.new_context(viewport=SCREEN, bypass_csp=True) as context,  # type: ignore[arg-type]
    ):
        url = f"http://{host}{address.path}"
        context.request.get(f"{url}/api?token={session.TOKEN}")
        page = context.new_page()
        page.add_init_script(path=LOOK)
        began = time.perf_counter()
        page.goto(f"{url}/desktop/")
        wait_until(lambda: page.evaluate("look.painted()"), "the desktop was not painted", 60)
        yield View(server, page), time.perf_counter() - began


@contextmanager
def _no_line(host: str) -> Iterator[str]:
    yield host


def work(shown: View, container: str) -> dict[str, object]:
    """Keys and pictures of one view: nothing else going on, then while napari pans."""
    shown.in_desktop("xterm -geometry 60x12+20+30")
    before = Use.of(container)
    time.sleep(IDLE_SECONDS)
    idle = Use.of(container).since(before)
    quiet_memory = memory(docker.from_env(), container).anonymous
    shown.page.mouse.click(200, 120)
    idle_keys = shown.key_milliseconds()
    put_file(shown.server, ".pan.py", PAN.encode())
    shown.in_desktop("python ~/.pan.py")
    wait_until(lambda: shown.page.evaluate("look.frames([1300, 500, 48, 48], 1)") > 2, "napari does not pan", 120)
    shown.page.mouse.click(200, 120)
    panning_keys = shown.key_milliseconds()
    before, drawn = Use.of(container), _drawn(shown)
    frames = shown.frames_per_second()
    after = Use.of(container)
    return {
        "key_idle_ms": _spread(idle_keys),
        "key_panning_ms": _spread(panning_keys),
        "frames_per_s": round(frames, 1),
        "napari_draws_per_s": round((_drawn(shown) - drawn) / (after.at - before.at), 1),
        "panning": after.since(before),
        "idle": idle,
        "memory_idle_bytes": quiet_memory,
        "memory_napari_bytes": memory(docker.from_env(), container).anonymous,
    }


def measure_one(browser: Browser, start: Start, line: Line | None) -> dict[str, object]:
    """All figures of one side over one line."""
    firsts = []
    for _ in range(FIRST_FRAMES - 1):
        with start() as server, view(browser, server, line) as (_, seconds):
            firsts.append(seconds)
    with start() as server, view(browser, server, line) as (shown, seconds):
        firsts.append(seconds)
        figures = work(shown, str(server.container.id))
    return {"first_frame_s": round(statistics.median(firsts), 2), **figures}


def measure(image: str, tag: str) -> dict[str, object]:
    """Both sides over both lines, one after the other."""
    engine = docker.from_env()
    machine = description(engine)
    lines: dict[str, object] = {}
    with session.running_hub(engine) as hub, tempfile.TemporaryDirectory() as folder, chromium() as browser:
        sides = {"peer": peer(engine, tag, hub, Path(folder)), "ours": ours(engine, tag, hub)}
        for name, line in LINES.items():
            found = {}
            for side, start in sides.items():
                progress.print(f"{name} line: {side}")
                found[side] = measure_one(browser, start, line)
            told = {"megabits": line.megabits, "round_trip_ms": line.round_trip_ms} if line else {}
            lines[name] = {**told, **found}
    return {"image": image, "peer": "jupyter-remote-desktop-proxy 3.0.1", "lines": lines, "machine": machine}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="lifedesk bench desktop", description=__doc__)
    parser.add_argument("--image", default="imaging", help="an image with napari and the desktop (default: imaging)")
    parser.add_argument("--tag", help="measure this tag instead of building the image")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    if not arguments.tag:
        build([arguments.image], None, lambda text: None)
    figures = measure(arguments.image, arguments.tag or image_tags()[arguments.image])
    if arguments.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _print(figures)


def _drawn(shown: View) -> int:
    return int(shown.server.shell("cat /tmp/drawn 2>/dev/null || echo 0").strip() or 0)


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"median": round(statistics.median(ordered), 1), "p90": round(ordered[int(0.9 * (len(ordered) - 1))], 1)}


def _print(figures: dict[str, object]) -> None:
    table = Table("", "first picture", "key, idle", "key, panning", "pictures/s", "CPU, panning", "kB/s", "memory",
                  title="Desktop in the browser")  # fmt: skip
    lines = figures["lines"]
    assert isinstance(lines, dict)
    for name, found in lines.items():
        for side in ("ours", "peer"):
            row = found[side]
            table.add_row(
                f"{name}, {side}",
                f"{row['first_frame_s']} s",
                f"{row['key_idle_ms']['median']} ms",
                f"{row['key_panning_ms']['median']} ms",
                f"{row['frames_per_s']} of {row['napari_draws_per_s']}",
                f"{row['panning']['cpu_percent']} %",
                f"{row['panning']['kbytes_s']}",
                f"{row['memory_idle_bytes'] / 1e6:.0f} MB, {row['memory_napari_bytes'] / 1e6:.0f} MB with napari",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
