"""Files over HTTP.

- `GET lifedesk/api/names/NAME`: {"is_taken", "free"}: whether the home directory has that name, and one it has not;
- `PUT lifedesk/api/incoming/ID/PATH`: the bytes of a file of the upload ID (16 hex digits), of any size; an empty PATH
  for an upload that is one file, / at its end for a folder without files;
- `POST lifedesk/api/incoming/ID` {name, replace}: all has come, it gets its name; 409 if that is taken;
- `DELETE lifedesk/api/incoming/ID`: it is given up;
- `GET lifedesk/api/folders/PATH`: that folder of the home directory as a ZIP file.
"""

from __future__ import annotations

import asyncio
import errno
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from lifedesk_lab.apps.errors import UnusablePath
from lifedesk_lab.apps.paths import path_in_home
from lifedesk_lab.files.incoming import Incoming, discard_left, free_name

_ID = "([0-9a-f]{16})"
_NO_LIMIT_BYTES = 2**60
_CHUNK_BYTES = 2**20
_ZIPPED = Path(__file__).with_name("zipped.py")


def add_to(server: ServerApp) -> None:
    """Serve files under the address of `server`."""
    api = url_path_join(server.base_url, "lifedesk/api")
    parts = {"home": _home(server)}
    server.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(api, "names/([^/]+)"), _Name, parts),
            (url_path_join(api, f"incoming/{_ID}"), _Upload, parts),
            (url_path_join(api, f"incoming/{_ID}/(.*)"), _Part, parts),
            (url_path_join(api, "folders/(.+)"), _Folder, parts),
        ],
    )


async def discard_left_uploads(server: ServerApp) -> None:
    """Remove uploads that an earlier session left half-way."""
    await asyncio.to_thread(discard_left, _home(server))


def _home(server: ServerApp) -> Path:
    return Path(server.root_dir).expanduser()


class _FilesHandler(APIHandler):
    def initialize(self, home: Path) -> None:
        self.home = home

    def refuse(self, error: OSError) -> None:
        """Answer with the error in words: 507 when the home is full, 409 for a name that is taken, else 400."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            self.set_status(507)
            sentence = "your home directory is full. Delete what you no longer need, and try again."
        elif isinstance(error, FileExistsError):
            self.set_status(409)
            sentence = "your home directory has a file or folder of this name already."
        else:
            self.set_status(400)
            sentence = f"{error.strerror or error}."
        self.finish(json.dumps({"message": sentence}))


class _Name(_FilesHandler):
    @web.authenticated
    async def get(self, name: str) -> None:
        _check([name])
        free = free_name(self.home, name)
        self.finish(json.dumps({"is_taken": free != name, "free": free}))


class _Upload(_FilesHandler):
    @web.authenticated
    async def post(self, upload: str) -> None:
        given = self.get_json_body() or {}
        name = str(given.get("name", ""))
        _check([name])
        try:
            await asyncio.to_thread(Incoming(self.home, upload).settle, name, given.get("replace") is True)
        except OSError as error:
            self.refuse(error)
        else:
            self.set_status(204)
            self.finish()

    @web.authenticated
    async def delete(self, upload: str) -> None:
        await asyncio.to_thread(Incoming(self.home, upload).discard)
        self.set_status(204)
        self.finish()


@web.stream_request_body
class _Part(_FilesHandler):
    """Written as it comes: `prepare` runs before the body is there, so it is what asks who it is."""

    async def prepare(self) -> None:
        self._open = ExitStack()
        self._failed: OSError | None = None
        self._folder_only = False
        await super().prepare()
        if self._finished:
            return
        if not self.current_user or self.request.method != "PUT":
            raise web.HTTPError(403 if not self.current_user else 405)
        self.request.connection.set_max_body_size(_NO_LIMIT_BYTES)
        upload, path = self.path_args
        parts = path.removesuffix("/").split("/") if path.strip("/") else []
        _check(parts)
        incoming = Incoming(self.home, upload)
        try:
            if path.endswith("/"):
                self._folder_only = True
                incoming.place(tuple(parts)).mkdir(exist_ok=True)
            else:
                self._file = self._open.enter_context(incoming.writing(tuple(parts)))
        except OSError as error:
            self._failed = error

    def data_received(self, chunk: bytes) -> None:
        if self._failed or self._folder_only:
            return
        try:
            self._file.write(chunk)
        except OSError as error:
            self._fail(error)

    async def put(self, upload: str, path: str) -> None:
        try:
            self._open.close()
        except OSError as error:  # what was still to be written did not fit
            self._failed = self._failed or error
        if self._failed:
            self.refuse(self._failed)
        else:
            self.set_status(201)
            self.finish()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._fail(ConnectionError("The browser went away in the middle."))

    def _fail(self, error: OSError) -> None:
        self._failed = error
        self._open.__exit__(type(error), error, None)


class _Folder(JupyterHandler):
    def initialize(self, home: Path) -> None:
        self.home = home

    @web.authenticated
    async def get(self, path: str) -> None:
        try:
            folder = path_in_home(self.home, path)
        except UnusablePath as error:
            raise web.HTTPError(404 if error.is_missing else 400, str(error)) from error
        if not folder.is_dir():
            raise web.HTTPError(400, f"{path!r} is no folder.")
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(folder.name)}.zip")
        self.set_header("Cache-Control", "no-store")
        command = [sys.executable, "-I", str(_ZIPPED), str(folder)]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        assert process.stdout
        try:
            while chunk := await process.stdout.read(_CHUNK_BYTES):
                self.write(chunk)
                await self.flush()
        except StreamClosedError:
            process.kill()  # the browser went away
        if await process.wait() and not self.request.connection.stream.closed():
            self.log.warning("The folder %s was not packed to its end", folder)
            self.request.connection.stream.close()  # so that the browser sees it


def _check(parts: list[str]) -> None:
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or "/" in part:
            raise web.HTTPError(400, f"{part!r} cannot be the name of a file or folder.")
