"""A Debian image made from packages, for machines that reach a Debian mirror but no image registry.

The result is what debootstrap makes, without documentation and translations, like Debian's own slim images.
Signatures are checked with the archive's keys from debian-archive-keyring.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SUITE = "trixie"
_NOT_NEEDED = ("doc", "groff", "info", "lintian", "locale", "man")
_LEFT_OUT = ("./var/cache/apt/*", "./var/lib/apt/lists/*", "./var/log/*", "./dev/*", "./proc/*", "./sys/*")
RECIPE = f"debootstrap minbase {SUITE} without {' '.join(_NOT_NEEDED)}"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class BootstrapError(RuntimeError):
    """The Debian image could not be made; the message says why and what to do."""


@dataclass(frozen=True)
class Mirrors:
    """Where Debian packages come from on this machine; None where it does not say."""

    packages: str | None
    security: str | None


def mirrors(sources: str) -> Mirrors:
    """The Debian mirrors named in the text of apt's source files, in either of apt's two formats."""
    lines = "\n".join(line for line in sources.splitlines() if not line.lstrip().startswith("#"))
    found = [
        url.rstrip("/")
        for entry in re.findall(r"(?m)^(?:deb\s+(?:\[[^]]*\]\s*)?|URIs:)(.*)$", lines)
        for url in re.findall(r"https?://\S+", entry)
    ]
    by_archive = {urlsplit(url).path.rpartition("/")[2]: url for url in reversed(found)}
    return Mirrors(by_archive.get("debian"), by_archive.get("debian-security"))


def host_mirrors(etc: Path = Path("/etc/apt")) -> Mirrors:
    """The Debian mirrors this machine installs from; on another distribution usually none."""
    files = [
        etc / "sources.list",
        *sorted(etc.glob("sources.list.d/*.list")),
        *sorted(etc.glob("sources.list.d/*.sources")),
    ]
    return mirrors("\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file()))


def make(docker: str, tag: str, say: Callable[[str], None]) -> None:
    """Make the image `tag`; `say` is told each stage. Raises `BootstrapError`; leaves nothing half done."""
    as_root = _as_root()
    _install_debootstrap(as_root, say)
    folder = tempfile.mkdtemp(prefix="lifedesk-debian-")
    try:
        say(f"debootstrap {SUITE}")
        found = host_mirrors()
        script = Path("/usr/share/debootstrap/scripts", SUITE)
        # A debootstrap older than the suite has no script of that name; sid's holds for all new ones.
        arguments = [folder, *_mirror_arguments(found, script)]
        _run(
            [
                *as_root,
                "debootstrap",
                "--variant=minbase",
                f"--keyring={KEYRING}",
                "--force-check-gpg",
                SUITE,
                *arguments,
            ]
        )
        _run([*as_root, "sh", "-euc", _trim(found), "trim", folder])
        say("docker import")
        _import(as_root, folder, docker, tag)
    finally:
        # Should debootstrap have been killed with /proc mounted, only its own folder is removed.
        subprocess.run([*as_root, "rm", "-rf", "--one-file-system", folder], check=False)


def _mirror_arguments(found: Mirrors, script: Path) -> list[str]:
    if script.exists():
        return [found.packages] if found.packages else []
    if not found.packages:
        raise BootstrapError(
            f"This machine's debootstrap does not know Debian {SUITE} and /etc/apt names no Debian mirror. "
            "Install a newer debootstrap, or let the machine reach an image registry."
        )
    return [found.packages, str(script.with_name("sid"))]


def _trim(found: Mirrors) -> str:
    excluded = "\n".join(f"path-exclude /usr/share/{name}/*" for name in _NOT_NEEDED)
    security = (
        f"echo 'deb {found.security} {SUITE}-security main' >> \"$1/etc/apt/sources.list\"" if found.security else ":"
    )
    return f"""
{security}
printf '%s\\n' '{excluded}' 'path-include /usr/share/doc/*/copyright' > "$1/etc/dpkg/dpkg.cfg.d/slim"
find "$1/usr/share/doc" -type f ! -name copyright -delete
for part in {" ".join(_NOT_NEEDED[1:])}; do
    [ ! -d "$1/usr/share/$part" ] || find "$1/usr/share/$part" -mindepth 1 -delete
done
"""


def _as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"]
    raise BootstrapError("Making a Debian image needs root. Run this as root, or install sudo.")


def _install_debootstrap(as_root: Sequence[str], say: Callable[[str], None]) -> None:
    if KEYRING.exists() and any(Path(folder, "debootstrap").exists() for folder in ("/usr/sbin", "/usr/bin")):
        return
    if not shutil.which("apt-get"):
        raise BootstrapError("Making a Debian image needs debootstrap and debian-archive-keyring. Install them.")
    say("apt-get install debootstrap debian-archive-keyring")
    _run([*as_root, "apt-get", "update"])
    _run([*as_root, "apt-get", "install", "--yes", "--no-install-recommends", "debootstrap", "debian-archive-keyring"])


def _import(as_root: Sequence[str], folder: str, docker: str, tag: str) -> None:
    excluded = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
    pack = [*as_root, "tar", "--create", "--one-file-system", "--numeric-owner", "--directory", folder, *excluded, "."]
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as packed:
        _run([docker, "import", "--change", 'CMD ["sh"]', "-", tag], stdin=packed.stdout)
    if packed.returncode:
        _run([docker, "image", "rm", tag])
        raise BootstrapError(f"tar could not pack {folder}. See its message above.")


def _run(command: Sequence[str], stdin: object = None) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, env=environment, check=False)  # type: ignore[call-overload]
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise BootstrapError(f"{' '.join(command[:3])} … ended with {done.returncode}. Its last lines:\n{last}")
