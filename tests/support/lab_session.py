"""JupyterLab in a session's container for tests in a browser, hardened as the hub makes it."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from lifedesk_hub.node.ports import free_port
from lifedesk_hub.singleuser import HOME, USER_ID
from lifedesk_lab.apps.installed import APPS_DIR, InstalledApp
from tests.support.session_image import Lab
from tests.support.waiting import wait_until

_HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=512")
_TMPFS = "nosuid,nodev"


def write_apps(folder: Path, apps: Sequence[InstalledApp]) -> Path:
    """A folder of installed programs, with one picture for all, as an image has it."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="teal"/></svg>'
    )
    (folder / "picture.svg").write_text(picture, encoding="utf-8")
    content = {"image": "test", "position": 0, "apps": [asdict(app) for app in apps]}
    (folder / "test.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def app(slug: str, title: str, *opens: str) -> InstalledApp:
    """A program that opens names like these."""
    return InstalledApp(
        slug=slug,
        title=title,
        description=f"{title} for tests",
        command=(slug, "{path}"),
        icon=f"{APPS_DIR}/picture.svg",
        opens=opens,
        version="1.0",
        licence="BSD-3-Clause",
        citation="10.5281/zenodo.3555620",
        homepage="https://example.org/",
    )


@contextmanager
def lab_session(
    image: str,
    files: Mapping[str, str],
    mounts: Mapping[Path, Path] | None = None,
    memory: str = "1g",
    home_size: str = "64m",
) -> Iterator[Lab]:
    """A JupyterLab that answers; its home is a tmpfs of `home_size` with `files` (path → text, "" for a folder).

    `mounts` maps places in the container to what lies there instead of the image's own.
    """
    name, port, token = f"ldtest-{uuid.uuid4().hex[:12]}", free_port(), uuid.uuid4().hex
    options = [
        *_HARDENED,
        f"--memory={memory}",
        f"--memory-swap={memory}",
        f"--tmpfs=/tmp:exec,size=256m,{_TMPFS}",
        f"--tmpfs={HOME}:size={home_size},uid={USER_ID},mode=700,{_TMPFS}",
        "--env=JUPYTER_RUNTIME_DIR=/tmp/jupyter-runtime",
        f"--publish=127.0.0.1:{port}:8888",
        *[f"--volume={source}:{target}:ro" for target, source in (mounts or {}).items()],
    ]
    lab = ["jupyter", "lab", "--no-browser", "--ip=0.0.0.0", "--port=8888", f"--IdentityProvider.token={token}"]
    _docker("run", "--detach", "--name", name, *options, image, *lab)
    running = Lab(f"http://127.0.0.1:{port}", token, name)
    try:
        for path, text in files.items():
            _write(name, path, text)
        wait_until(running.is_ready, "JupyterLab did not answer", timeout_seconds=90)
        yield running
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, check=False)


def _write(container: str, path: str, text: str) -> None:
    script = 'mkdir -p "$1"' if not text else 'mkdir -p "$(dirname "$1")" && cat > "$1"'
    _docker("exec", "--interactive", container, "sh", "-c", script, "sh", f"{HOME}/{path}", text=text)


def _docker(*words: str, text: str = "") -> str:
    done = subprocess.run(["docker", *words], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr}"
    return done.stdout
