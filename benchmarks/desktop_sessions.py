"""Sessions with a desktop to measure: ours, and the same image with jupyter-remote-desktop-proxy's page.

Both have the same display server and window manager, so that what differs is how the desktop is started and shown.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import docker

from lifedesk_hub import singleuser
from tests.desktop.desk import running_session
from tests.images import session

PEER = "jupyter-remote-desktop-proxy==3.0.1"
_PEER_FOLDER = "/opt/peer"
_XSTARTUP = f"""#!/bin/sh
mkdir -p /tmp/lifedesk-desktop
python -c 'from pathlib import Path; from lifedesk_lab.desktop.menu import write_menu
write_menu(Path("/tmp/lifedesk-desktop/menu.xml"))'
cd {singleuser.HOME}
exec dbus-launch --exit-with-session jwm -f /opt/lifedesk/desktop/jwmrc
"""
_OPTIONS = (
    "--ServerApp.jpserver_extensions=lifedesk_lab=False",
    "--ServerApp.jpserver_extensions=jupyter_remote_desktop_proxy=True",
    "--ServerApp.jpserver_extensions=jupyter_server_proxy=True",
)

Start = Callable[[], AbstractContextManager[session.Server]]


def ours(engine: docker.DockerClient, tag: str, hub: session.Hub) -> Start:
    """Starts a session of `tag` as it is."""

    @contextmanager
    def start() -> Iterator[session.Server]:
        with session.home_volume(engine) as home, running_session(engine, tag, hub, home) as server:
            yield server

    return start


def peer(engine: docker.DockerClient, tag: str, hub: session.Hub, folder: Path) -> Start:
    """Starts a session of `tag` with the peer's page, which is fetched into `folder` first."""
    _fetch(folder)
    mounts = {str(folder): {"bind": _PEER_FOLDER, "mode": "ro"}}
    environment = {
        "PYTHONPATH": _PEER_FOLDER,
        "JUPYTER_REMOTE_DESKTOP_PROXY_XSTARTUP": f"{_PEER_FOLDER}/xstartup",
        "NO_AT_BRIDGE": "1",
    }

    @contextmanager
    def start() -> Iterator[session.Server]:
        with session.home_volume(engine) as home:
            volumes = {home: {"bind": singleuser.HOME}, **mounts}
            command = ["jupyterhub-singleuser", *_OPTIONS]
            with running_session(engine, tag, hub, None, environment, command=command, volumes=volumes) as server:
                yield server

    return start


def _fetch(folder: Path) -> None:
    uv = shutil.which("uv") or str(Path(__file__).parent.parent / ".venv-uv" / "bin" / "uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--no-deps", "--target", str(folder), PEER], check=True)
    start = folder / "xstartup"
    start.write_text(_XSTARTUP, encoding="utf-8")
    start.chmod(0o755)
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o755)
