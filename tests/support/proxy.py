"""The pinned configurable-http-proxy, installed once per lock file in the person's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOCKED = Path(__file__).parents[2] / "requirements" / "proxy"


def proxy_command() -> list[str]:
    """Command that runs the proxy. Skips the test, saying so, where there is no Node.js."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        pytest.skip("no Node.js on this machine: install node and npm to run the proxy")
    lock = hashlib.sha256((LOCKED / "package-lock.json").read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "lifedesk" / f"proxy-{lock}"
    script = folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    if not script.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LOCKED / name, folder)
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True, timeout=120)
    return [node, str(script)]
