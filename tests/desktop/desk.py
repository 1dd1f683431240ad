"""A desktop of a real session in a real browser: what the tests of this tier do with it."""

from __future__ import annotations

import base64
import io
import shlex
import tarfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from PIL import Image, ImageChops
from playwright.sync_api import BrowserContext, CDPSession, Page

from lifedesk_hub import singleuser
from tests.images import session
from tests.support.waiting import wait_until

SECONDS = 30.0
_PANEL_HEIGHT, _ENTRY_HEIGHT = 34, 34
Picture = Image.Image
Area = tuple[int, int, int, int]
"""Left, top, right, lower edge in pixels."""


@dataclass
class Desk:
    """A page that shows the desktop of a session."""

    server: session.Server
    page: Page

    def until_connected(self) -> None:
        """Wait until the page shows the desktop."""
        wait_until(lambda: self.state() == "connected", f"the page is {self.words()!r}, not connected", SECONDS)

    def state(self) -> str:
        """What the page says of its connection: starting, connecting, connected, lost or refused."""
        return str(self.page.evaluate("document.body.dataset.state || ''"))

    def words(self) -> str:
        """What the page tells while there is no picture."""
        return self.page.locator(".status").inner_text() if self.page.locator(".status").is_visible() else ""

    def screen(self) -> Picture:
        """What the desktop shows, without what floats above it."""
        data = self.page.evaluate("document.querySelector('canvas').toDataURL('image/png')")
        return Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))).convert("RGB")

    def until_painted(self, colours: int = 8, area: Area | None = None) -> Picture:
        """The screen, once a part of it shows that many colours."""

        def painted() -> Picture | None:
            picture = self.screen()
            return picture if count_colours(picture, area) >= colours else None

        found = wait_until(painted, f"the desktop does not show {colours} colours", SECONDS)
        assert found
        return found

    def open(self, slug: str, path: str | None = None) -> None:
        """Start a program, as JupyterLab does."""
        answer = self.server.post(f"/lifedesk/api/apps/{slug}/open", {"path": path})
        assert answer.status_code == 200, answer.text

    def windows(self) -> list[str]:
        """The titles of the windows that are open, by what the display tells."""
        return [title for title, _ in self._windows()]

    def area_of(self, title: str) -> Area:
        """Where on the screen the contents are of the window that has `title` in its name, without its frame."""
        areas = [area for found, area in self._windows() if title.lower() in found.lower()]
        assert len(areas) == 1, f"{len(areas)} windows {title!r}: {self.windows()}"
        return areas[0]

    def _windows(self) -> list[tuple[str, Area]]:
        listed = self.server.shell(f"{IN_DESKTOP} python3 - <<'PROGRAM'\n{_WINDOWS}\nPROGRAM")
        rows = [line.split(" ", 4) for line in listed.splitlines() if line]
        return [
            (title, (int(left), int(top), int(left) + int(width), int(top) + int(height)))
            for left, top, width, height, title in rows
        ]

    def until_window(self, title: str) -> None:
        """Wait until a window has `title` in its name."""
        wait_until(
            lambda: any(title.lower() in window.lower() for window in self.windows()), f"no window {title!r}", SECONDS
        )

    def run_in_terminal(self, command: str) -> None:
        """Open a terminal that runs one command, and wait for it: what the page is typed goes there."""
        title = unique("terminal")
        self.server.shell(f"{IN_DESKTOP} setsid xterm -T {title} -e sh -c {shlex.quote(command)} >/dev/null 2>&1 &")
        self.until_window(title)

    def start_from_menu(self, slug: str) -> None:
        """Click on the panel's button, then on the program's entry."""
        slugs = [line.split()[0] for line in self.server.shell("lifedesk-apps list").splitlines()]
        empty = self.until_painted()
        self.page.mouse.click(50, empty.height - _PANEL_HEIGHT // 2)
        wait_until(lambda: changed_share(empty, self.screen()) > 0.005, "the menu does not open", SECONDS)
        top = empty.height - _PANEL_HEIGHT - _ENTRY_HEIGHT * len(slugs)
        self.page.mouse.click(60, top + _ENTRY_HEIGHT * slugs.index(slug) + _ENTRY_HEIGHT // 2)

    def devtools(self) -> CDPSession:
        """Chromium's own protocol, for keys that Playwright's keyboard has not."""
        return self.page.context.new_cdp_session(self.page)


# The environment of programs in the desktop, taken from its window manager; without values that have spaces.
IN_DESKTOP = (
    'pid=$(for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = jwm ] && echo ${p#/proc/}; done | head -1); '
    "env -i $(tr '\\0' '\\n' < /proc/$pid/environ | grep -E '^(DISPLAY|HOME|PATH|LANG|XDG_|DBUS|LIFEDESK|XENV)[^ ]*$') "
)
_WINDOWS = """
import ctypes, ctypes.util
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]; x.XDefaultRootWindow.restype = ctypes.c_ulong
x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]; x.XInternAtom.restype = ctypes.c_ulong
x.XGetWindowProperty.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_long, ctypes.c_long,
    ctypes.c_int, ctypes.c_ulong] + [ctypes.c_void_p] * 5
x.XGetGeometry.argtypes = [ctypes.c_void_p, ctypes.c_ulong] + [ctypes.c_void_p] * 7
x.XTranslateCoordinates.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_int, ctypes.c_int
    ] + [ctypes.c_void_p] * 3
d = x.XOpenDisplay(None)
def read(window, name):
    kind, count, rest = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_ulong()
    form, data = ctypes.c_int(), ctypes.c_void_p()
    atom, told = x.XInternAtom(d, name, 0), (kind, form, count, rest, data)
    x.XGetWindowProperty(d, window, atom, 0, 4096, 0, 0, *map(ctypes.byref, told))
    size = {8: 1, 16: 2, 32: 8}.get(form.value, 0) * count.value
    return ctypes.string_at(data.value, size) if size else b""
def area(window):
    left, top, child, some = ctypes.c_int(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
    width, height, thin = ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint()
    x.XGetGeometry(d, window, *map(ctypes.byref, (some, left, top, width, height, thin, thin)))
    x.XTranslateCoordinates(d, window, root, 0, 0, *map(ctypes.byref, (left, top, child)))
    return left.value, top.value, width.value, height.value
root = x.XDefaultRootWindow(d)
windows = read(root, b"_NET_CLIENT_LIST")
for i in range(0, len(windows), 8):
    window = int.from_bytes(windows[i:i + 8], "little")
    print(*area(window), (read(window, b"_NET_WM_NAME") or read(window, b"WM_NAME")).decode(errors="replace"))
"""


def count_colours(picture: Picture, area: Area | None = None) -> int:
    """How many different colours a part of the picture has, of 4096: small differences of compression do not count."""
    part = picture.crop(area) if area else picture
    return len(set(part.quantize(256).convert("RGB").point(lambda value: value & 0xF0).get_flattened_data()))


def changed_share(before: Picture, after: Picture) -> float:
    """The share of pixels that differ visibly between two pictures of one size."""
    difference = ImageChops.difference(before, after).convert("L").point(lambda value: 255 if value > 24 else 0)
    return difference.histogram()[255] / (difference.width * difference.height)


@contextmanager
def running_session(
    engine: docker.DockerClient,
    tag: str,
    hub: session.Hub,
    home: str | None,
    environment: dict[str, str] | None = None,
    command: Sequence[str] = singleuser.COMMAND,
    **changed: object,
) -> Iterator[session.Server]:
    """A session whose pages a browser may open with the token in the address."""
    told = {**session.environment_of(hub.url), "JUPYTERHUB_ALLOW_TOKEN_IN_URL": "1", **(environment or {})}
    with session.server(engine, tag, hub, home, list(command), environment=told, **changed) as server:
        yield server


def open_desk(server: session.Server, context: BrowserContext, query: str = "") -> Desk:
    """A new tab with the desktop of `server`, connected."""
    if not context.cookies():
        context.request.get(f"{server.url}/desktop/?token={session.TOKEN}")
    page = context.new_page()
    page.goto(f"{server.url}/desktop/{query}")
    desk = Desk(server, page)
    desk.until_connected()
    return desk


def put_file(server: session.Server, path: str, content: bytes) -> None:
    """Write a file into the home directory, with its folders."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for parent in reversed(Path(path).parents[:-1]):
            folder = tarfile.TarInfo(str(parent))
            folder.type, folder.mode, folder.uid, folder.gid = (
                tarfile.DIRTYPE,
                0o755,
                singleuser.USER_ID,
                singleuser.GROUP_ID,
            )
            archive.addfile(folder)
        entry = tarfile.TarInfo(path)
        entry.size, entry.uid, entry.gid = len(content), singleuser.USER_ID, singleuser.GROUP_ID
        archive.addfile(entry, io.BytesIO(content))
    assert server.container.put_archive(singleuser.HOME, packed.getvalue())


def unique(prefix: str) -> str:
    """A name that nothing else has."""
    return f"{prefix}-{uuid.uuid4().hex[:6]}"
