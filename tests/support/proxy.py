"""The pinned configurable-http-proxy, installed once per lock file in the person's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from lifedesk_hub.node.nodejs import NODE, install_packages

LOCKED = Path(__file__).parents[2] / "requirements" / "proxy"


def proxy_command() -> list[str]:
    """Command that runs the proxy."""
    lock = hashlib.sha256((LOCKED / "package-lock.json").read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "lifedesk" / f"proxy-{lock}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, folder)
    install_packages(folder, lambda text: None)
    return [str(NODE), str(folder / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy")]
