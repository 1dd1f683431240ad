"""What the desktop is made of: commands and environment, computed from the session's environment."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DISPLAY_SERVER = "Xtigervnc"
WINDOW_MANAGER = ("jwm", "-f", "/opt/lifedesk/desktop/jwmrc")
RUN_DIR = Path("/tmp/lifedesk-desktop")
"""Sockets and run-time files, private to the user; in memory, so that a full home stops nothing."""
MARK = "LIFEDESK_DESKTOP"
"""In the environment of all that runs in a desktop: which one."""
CLIPBOARD_VARIABLE = "LIFEDESK_CLIPBOARD"
OPENGL_VARIABLE = "LIFEDESK_OPENGL"
"""A command that is put before programs where the session has a GPU, such as `vglrun -d egl`; an image sets it."""
_GPU_DEVICES = ("nvidiactl", "dri/renderD128")
_LAYOUT = re.compile(r"[a-z]{2,12}")
_VARIANT = re.compile(r"[A-Za-z0-9_-]{0,40}")


@dataclass(frozen=True)
class Clipboard:
    """Which ways the clipboard goes: into the desktop, and out of it to the browser."""

    into: bool
    out: bool


@dataclass(frozen=True)
class Geometry:
    """Width and height of a screen in pixels."""

    width: int = 1920
    height: int = 1080

    def within_limits(self) -> Geometry:
        """The nearest that the display server takes and a program fits in."""
        return Geometry(min(max(self.width, 320), 7680), min(max(self.height, 240), 4320))


def clipboard(environment: Mapping[str, str]) -> Clipboard:
    """The directions the site allows: both without the variable, none when it is empty."""
    allowed = environment.get(CLIPBOARD_VARIABLE, "in,out").replace(" ", "").split(",")
    return Clipboard(into="in" in allowed, out="out" in allowed)


def display_command(socket: Path, ready_fd: int, geometry: Geometry, allowed: Clipboard) -> list[str]:
    """The display server: RFB on the unix `socket` only, its display's number written to `ready_fd`.

    What connects to the socket is not asked who it is: the session's login stands in front, and the socket lies
    in a folder of mode 0700. `-AllowOverride` keeps programs in the desktop from switching the clipboard on again.
    """
    command = [
        DISPLAY_SERVER,
        *("-displayfd", str(ready_fd)),
        *("-rfbport", "-1"),
        *("-rfbunixpath", str(socket)),
        *("-rfbunixmode", "0600"),
        *("-SecurityTypes", "None"),
        *("-geometry", f"{geometry.width}x{geometry.height}"),
        *("-depth", "24"),
        *("-nolisten", "tcp"),
        *("-desktop", "Lifedesk"),
        "-AlwaysShared",
        "-AllowOverride=desktop",
    ]
    if not allowed.out:
        command += ["-SendCutText=0", "-SendPrimary=0"]
    if not allowed.into:
        command += ["-AcceptCutText=0"]
    return command


def desktop_environment(environment: Mapping[str, str], mark: str, run_dir: Path = RUN_DIR) -> dict[str, str]:
    """What programs in the desktop find beside the session's own environment; DISPLAY is added by the display."""
    return {
        **environment,
        MARK: mark,
        "XDG_RUNTIME_DIR": str(run_dir),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={run_dir / 'bus'}",
        "LIFEDESK_OPENER": str(run_dir / "opener"),
        "XDG_CURRENT_DESKTOP": "Lifedesk",
        "XENVIRONMENT": "/opt/lifedesk/desktop/Xresources",
        # No screen reader can be reached in here; without this each GTK program waits for one.
        "NO_AT_BRIDGE": "1",
    }


def program_command(argv: Sequence[str], environment: Mapping[str, str], devices: Path = Path("/dev")) -> list[str]:
    """What starts a program: `argv`, with what `LIFEDESK_OPENGL` says before it if the session has a GPU.

    GPUs with drivers of Mesa need no such command: the display server uses them itself.
    """
    has_gpu = any((devices / name).exists() for name in _GPU_DEVICES)
    return [*(shlex.split(environment.get(OPENGL_VARIABLE, "")) if has_gpu else []), *argv]


def keyboard_command(layout: str, variant: str = "") -> list[str]:
    """The command that gives the display a keyboard layout of xkb. Raises `ValueError` for what cannot be one."""
    if not _LAYOUT.fullmatch(layout) or not _VARIANT.fullmatch(variant):
        raise ValueError(
            f"{layout!r} with variant {variant!r} is no keyboard layout. Examples: 'de', 'us' with 'intl'."
        )
    return ["setxkbmap", "-layout", layout, "-variant", variant]
