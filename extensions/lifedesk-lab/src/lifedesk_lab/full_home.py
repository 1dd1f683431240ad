"""Notebooks open although the home takes no files, so that what is in them can be seen, run and deleted."""

from __future__ import annotations

import errno
import secrets

from jupyter_core.utils import ensure_async
from jupyter_server.serverapp import ServerApp
from tornado import web

_KEY_BYTES = 1024  # as nbformat makes it
_FULL = (errno.ENOSPC, errno.EDQUOT)


def open_in_full_home(server: ServerApp) -> None:
    """Let `server` do without the files that opening a notebook writes, where they cannot be written."""
    _keep_key(server)
    _do_without_checkpoints(server)


def _keep_key(server: ServerApp) -> None:
    """A key for signatures that lasts as long as the session, if none can be read or written.

    Without one no notebook is read: https://github.com/jupyter/nbformat/blob/v5.10.4/nbformat/sign.py
    """
    notary = server.contents_manager.notary
    try:
        is_usable = bool(notary.secret)
    except OSError as error:
        server.log.warning("Signatures of notebooks last for this session only, their key cannot be kept: %s", error)
        is_usable = False
    if not is_usable:  # an empty key is what a home that was full leaves behind
        notary.secret = secrets.token_bytes(_KEY_BYTES)


def _do_without_checkpoints(server: ServerApp) -> None:
    """Answer 403 for a checkpoint that does not fit: JupyterLab then opens the notebook, with another answer not.

    https://github.com/jupyterlab/jupyterlab/blob/v4.6.0/packages/docregistry/src/context.ts, `_maybeCheckpoint`
    """
    checkpoints = server.contents_manager.checkpoints
    create = checkpoints.create_checkpoint

    async def create_if_it_fits(*arguments: object) -> object:
        try:
            return await ensure_async(create(*arguments))
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise web.HTTPError(403, "No checkpoint was made: your home is full.") from error

    checkpoints.create_checkpoint = create_if_it_fits
