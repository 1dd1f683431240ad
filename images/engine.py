"""The Docker engine: find a client that can build, ask for images, build one and follow its steps."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from images.host import ca_bundle, settings
from images.plan import Image, is_executable

_FIRST_CLIENT_WITHOUT_BUILDKIT = 23  # from here on `docker build` needs the buildx plugin
_KEPT_LINES = 20
_STEP_LENGTH = 100


class EngineError(RuntimeError):
    """The engine or its client cannot do what was asked; the message says why and what to do."""


class BuildFailed(EngineError):
    """A step of a build ended with an error; the message has the step and the last of its output."""


@dataclass(frozen=True)
class Built:
    """An image the engine has."""

    tag: str
    size_bytes: int


def find_docker(can_build: bool = False) -> str:
    """The `docker` program to use, one with BuildKit if `can_build`. Raises `EngineError` if there is none."""
    candidates = dict.fromkeys(
        found for found in ("/usr/bin/docker", shutil.which("docker")) if found and Path(found).exists()
    )
    if not candidates:
        raise EngineError("Docker is not installed: no `docker` in PATH. On Debian and Ubuntu: apt install docker.io")
    versions = {docker: _versions(docker) for docker in candidates}
    for docker, version in versions.items():
        if not can_build or version < _FIRST_CLIENT_WITHOUT_BUILDKIT or _succeeds([docker, "buildx", "version"]):
            return docker
    raise EngineError(
        f"{', '.join(candidates)} cannot build: the buildx plugin is missing. "
        "Install it: apt install docker-buildx (or docker-buildx-plugin, if Docker comes from docker.com)."
    )


def find_image(docker: str, tag: str) -> Built | None:
    """What the engine has under `tag`."""
    found = _run([docker, "image", "inspect", "--format", "{{.Size}}", tag])
    return Built(tag, int(found.stdout)) if found.returncode == 0 else None


def pull(docker: str, tag: str, timeout_seconds: float = 300) -> str | None:
    """Pull `tag` from its registry; the reason in one line if that did not work."""
    try:
        done = _run([docker, "pull", "--quiet", tag], timeout_seconds)
    except subprocess.TimeoutExpired:
        return f"the registry did not finish within {timeout_seconds:.0f} s"
    return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def load(docker: str, archive: Path) -> list[str]:
    """Load an archive of `save`; the tags that were in it."""
    done = _run([docker, "load", "--input", str(archive)])
    if done.returncode:
        raise EngineError(f"{archive} could not be loaded: {done.stderr.strip()}")
    return re.findall(r"(?m)^Loaded image: (\S+)$", done.stdout)


def save(docker: str, tag: str, archive: Path) -> None:
    """Write `tag` to `archive`, whole or not at all."""
    unfinished = archive.with_name(f".{archive.name}.unfinished")
    try:
        done = _run([docker, "save", "--output", str(unfinished), tag])
        if done.returncode:
            raise EngineError(f"{tag} could not be saved as {archive}: {done.stderr.strip()}")
        unfinished.rename(archive)
    finally:
        unfinished.unlink(missing_ok=True)


def build(docker: str, root: Path, image: Image, parent: str, on_step: Callable[[int, str], None]) -> None:
    """Build `image` on the image `parent` and tag it; `on_step` gets the number and text of each step begun.

    Raises `BuildFailed`; a tag is given only to an image that is whole.
    """
    labels = {**image.labels, **_identity(root, image)}
    version = image.labels["org.opencontainers.image.version"]
    with _secrets() as secrets:
        command = [
            docker,
            "build",
            "--progress",
            "plain",
            "--file",
            image.dockerfile,
            "--tag",
            image.tag,
        ]
        command += [
            "--build-arg",
            f"PARENT={parent}",
            "--build-arg",
            f"VERSION={version}",
            "--build-arg",
            f"NAME={image.name}",
        ]
        command += [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
        command += [word for secret in secrets for word in ("--secret", secret)]
        environment = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        with subprocess.Popen(
            [*command, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        ) as running:
            threading.Thread(target=_send, args=(running, pack(root, image)), daemon=True).start()
            assert running.stdout is not None
            last = follow(io.TextIOWrapper(running.stdout, encoding="utf-8", errors="replace"), on_step)
    if running.returncode:
        raise BuildFailed(last)


def follow(lines: Iterator[str] | io.TextIOWrapper, on_step: Callable[[int, str], None]) -> str:
    """Read BuildKit's plain progress to its end; the step that failed (or the last lines) as text.

    Lines are "#7 [tools 2/5] RUN …" when a step begins, "#7 0.31 …" for its output and "#7 ERROR: …".
    """
    steps: dict[str, str] = {}
    output: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_KEPT_LINES))
    everything: deque[str] = deque(maxlen=_KEPT_LINES)
    failed = ""
    for line in lines:
        everything.append(line.rstrip())
        number, _, text = line.strip().partition(" ")
        if not number.startswith("#") or text.startswith(("sha256:", "DONE", "CACHED")):
            continue
        if found := re.match(r"\[(?!internal)[^\]]*\d+/\d+\] (.*)", text):
            if number not in steps:
                steps[number] = _short(found[1])
                on_step(len(steps), steps[number])
            continue
        output[number].append(re.sub(r"^\d+\.\d+ ", "", text))
        if text.startswith("ERROR"):
            failed = failed or number
    if failed in steps:
        return "\n".join([f"Step {steps[failed]!r} failed:", *output[failed]])
    return "\n".join(everything)


def _short(step: str) -> str:
    words = " ".join(word for word in step.split() if not word.startswith("--mount="))
    words = words.replace(". /run/secrets/host && ", "")
    return words if len(words) <= _STEP_LENGTH else f"{words[: _STEP_LENGTH - 2]} …"


def pack(root: Path, image: Image) -> bytes:
    """What the build may see, as a tar archive: the image's files, with nothing of this machine in them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for folder in image.folders:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for file in image.files:
            entry = tarfile.TarInfo(str(file.relative_to(root)))
            entry.size = file.stat().st_size
            entry.mode = 0o755 if is_executable(file) else 0o644
            with file.open("rb") as content:
                archive.addfile(entry, content)
        for path, text in image.given.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(text.encode()), 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def _send(running: subprocess.Popen[bytes], archive: bytes) -> None:
    assert running.stdin is not None
    try:
        running.stdin.write(archive)
        running.stdin.close()
    except BrokenPipeError:
        pass  # the client has ended; what it said is the message


@contextmanager
def _secrets() -> Iterator[list[str]]:
    """The values of --secret: the host's package indexes and CA bundle, in no layer and no history."""
    with tempfile.NamedTemporaryFile("w", prefix="lifedesk-", suffix=".env") as host:
        bundle = ca_bundle(os.environ)
        host.write(settings(os.environ, has_bundle=bundle is not None))
        host.flush()
        yield [f"id=host,src={host.name}", *([f"id=ca,src={bundle}"] if bundle else [])]


def _identity(root: Path, image: Image) -> Mapping[str, str]:
    """Labels that say which build this is, and so are no part of the recipe: its recipe, time and commit."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = _run(command) if shutil.which("git") else None
    revision = {"org.opencontainers.image.revision": done.stdout.strip()} if done and done.returncode == 0 else {}
    return {"eu.lifedesk.recipe": image.recipe, "org.opencontainers.image.created": now, **revision}


def _versions(docker: str) -> int:
    """The major version of the client. Raises `EngineError` when the engine does not answer."""
    done = _run([docker, "version", "--format", "{{json .}}"])
    answer = json.loads(done.stdout) if done.stdout.strip().startswith("{") else {}
    if not answer.get("Server"):
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer"
        raise EngineError(f"The Docker engine does not answer ({reason}). Start it: systemctl start docker")
    return int(str(answer["Client"]["Version"]).split(".")[0])


def _succeeds(command: Sequence[str]) -> bool:
    return _run(command).returncode == 0


def _run(command: Sequence[str], timeout_seconds: float | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout_seconds)
