"""Notebooks open although the home takes no files: the key that signs them may then live in memory."""

from __future__ import annotations

import secrets

from jupyter_server.serverapp import ServerApp

_KEY_BYTES = 1024  # as nbformat makes it


def keep_key(server: ServerApp) -> None:
    """Give `server` a key for signatures that lasts as long as the session, if none can be read or written.

    Without one no notebook can be opened: https://github.com/jupyter/nbformat/blob/v5.10.4/nbformat/sign.py
    """
    notary = server.contents_manager.notary
    try:
        usable = bool(notary.secret)
    except OSError as error:
        server.log.warning("Signatures of notebooks last for this session only, their key cannot be kept: %s", error)
        usable = False
    if not usable:  # an empty key is what a home that was full leaves behind
        notary.secret = secrets.token_bytes(_KEY_BYTES)
