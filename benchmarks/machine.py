"""The machine a benchmark ran on, and what it can be asked to do for one."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker


def description(engine: docker.DockerClient) -> dict[str, object]:
    """Cores, memory, kernel, engine, and how busy the processors were in the last ten seconds (percent)."""
    version = engine.version()
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "engine": f"Docker {version['Version']}, {engine.info()['Driver']}",
        "cpu_pressure": _cpu_pressure(),
    }


def _cpu_pressure() -> float | None:
    with suppress(OSError, ValueError, IndexError):
        return float(Path("/proc/pressure/cpu").read_text().split("avg10=")[1].split()[0])
    return None


def forget_files(engine: docker.DockerClient, image: str) -> bool:
    """Drop the image's files from the page cache, as if the machine had just started; whether that can be done here.

    Files that a running program has mapped stay. Other programs' files stay too, which dropping all caches would not
    leave alone.
    """
    data = engine.images.get(image).attrs["GraphDriver"]["Data"] or {}
    layers = [Path(layer) for key in ("UpperDir", "LowerDir") for layer in data.get(key, "").split(":") if layer]
    if os.geteuid() != 0 or not layers or not all(layer.is_dir() for layer in layers):
        return False
    os.sync()
    for layer in layers:
        for folder, _, names in os.walk(layer):
            for name in names:
                _forget(Path(folder) / name)
    return True


def _forget(path: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class Memory:
    """What a container's cgroup is charged with, in bytes: memory of its processes, and files it read or wrote."""

    anonymous: int
    cache: int


def memory(engine: docker.DockerClient, container: str) -> Memory:
    """The memory of that running container."""
    stats: dict[str, Any] = engine.containers.get(container).stats(stream=False)["memory_stats"]["stats"]
    if "anon" in stats:  # cgroup 2
        return Memory(stats["anon"], stats["file"])
    return Memory(stats["total_rss"], stats["total_cache"])
