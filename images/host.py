"""What a build takes from this machine and must not keep: package indexes, proxies, certificates."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP_CONFIGURATIONS = (Path("~/.config/pip/pip.conf"), Path("~/.pip/pip.conf"), Path("/etc/pip.conf"))
_NPM_CONFIGURATIONS = (Path("~/.npmrc"), Path("/etc/npmrc"))
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


def ca_bundle(environment: Mapping[str, str]) -> Path | None:
    """The certificates this machine trusts, in one file."""
    chosen = Path(environment.get("SSL_CERT_FILE") or _BUNDLE)
    return chosen if chosen.is_file() else None


def settings(
    environment: Mapping[str, str],
    has_bundle: bool,
    pip_configurations: Sequence[Path] = _PIP_CONFIGURATIONS,
    npm_configurations: Sequence[Path] = _NPM_CONFIGURATIONS,
) -> str:
    """Shell lines for the steps that install: the same indexes, proxies and certificates as out here.

    An index in a folder of this machine is left out, a build could not read it.
    """
    index = (
        environment.get("UV_DEFAULT_INDEX")
        or environment.get("UV_INDEX_URL")
        or environment.get("PIP_INDEX_URL")
        or _index_of_pip(pip_configurations)
    )
    values = {name: environment[name] for name in _PROXIES if environment.get(name)}
    if index and not index.startswith("file:"):
        values |= {"UV_DEFAULT_INDEX": index, "PIP_INDEX_URL": index}
    if registry := _npm_registry(environment, npm_configurations):
        values |= {"npm_config_registry": registry}
    if has_bundle:
        values |= dict.fromkeys(("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"), "/run/secrets/ca")
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items()) or ":\n"


def _index_of_pip(files: Sequence[Path]) -> str | None:
    for file in files:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(file.expanduser(), encoding="utf-8")
        if index := parser.get("global", "index-url", fallback=None):
            return index
    return None


def _npm_registry(environment: Mapping[str, str], files: Sequence[Path]) -> str | None:
    if chosen := environment.get("npm_config_registry") or environment.get("NPM_CONFIG_REGISTRY"):
        return chosen
    for file in files:
        text = file.expanduser().read_text(encoding="utf-8") if file.expanduser().is_file() else ""
        if found := re.search(r"(?m)^\s*registry\s*=\s*(\S+)", text):
            return found[1]
    return None
