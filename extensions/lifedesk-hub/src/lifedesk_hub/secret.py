"""Secrets by reference: files that only their owner can read, or variables of the hub's environment."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from pydantic import SecretStr

from lifedesk_hub.errors import SecretError
from lifedesk_hub.site import SecretReference


def read_secret(reference: SecretReference) -> SecretStr:
    """The secret that `reference` names. Raises `SecretError`."""
    if reference.env is not None:
        value = os.environ.get(reference.env, "")
        if not value:
            raise SecretError(f"The environment variable {reference.env} is not set: it should hold a secret.")
        return SecretStr(value)
    return read_secret_file(Path(str(reference.file)))


def read_secret_file(path: Path) -> SecretStr:
    """The secret that the file holds, without line ends. Raises `SecretError`, also if others may read the file."""
    try:
        mode = path.stat().st_mode
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"The secret file {path} cannot be read ({error}).") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretError(f"Others may read the secret file {path}: run chmod 600 {path}")
    if not value:
        raise SecretError(f"The secret file {path} is empty.")
    return SecretStr(value)


def kept_secret(path: Path, bytes_of_entropy: int = 32) -> SecretStr:
    """The secret in the file, made at random (hexadecimal) when there is none yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_secret_file(path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(bytes_of_entropy) + "\n")
    return read_secret_file(path)
