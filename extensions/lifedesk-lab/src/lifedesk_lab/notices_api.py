"""The notices over HTTP, and as events.

- `GET lifedesk/api/notices`: all that stand, oldest first: [{about, kind, summary, advice, id, posted_at}];
- `DELETE lifedesk/api/notices/<id>`: the user has read it; 404 when it stands no longer;
- each new one is an event of the schema `EVENT` on Jupyter's own stream, the WebSocket `api/events/subscribe`, and each
  that is withdrawn or dismissed one of `REMOVAL`, with the same fields.

JupyterLab keeps that stream open anyhow, so notices cost a silent session nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from functools import partial

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado import web

from lifedesk_lab.notices import Board, Notice, board

EVENT = "urn:lifedesk:notice:v1"
"""The `schema_id` of a notice's event."""
REMOVAL = "urn:lifedesk:notice-removal:v1"
"""The `schema_id` of the event that it stands no longer."""
_FIELDS = [field.name for field in fields(Notice)]


def _schema(name: str, title: str) -> dict[str, object]:
    return {
        "$id": name,
        "version": "1",
        "title": title,
        "personal-data": True,
        "description": "Something the session has to tell its user.",
        "type": "object",
        "properties": {field: {"type": "string"} for field in _FIELDS},
        "required": _FIELDS,
    }


class _Notices(APIHandler):
    def initialize(self, board: Board) -> None:
        self.board = board

    @web.authenticated
    async def get(self) -> None:
        self.finish(json.dumps([asdict(notice) for notice in self.board.standing()]))


class _OneNotice(APIHandler):
    def initialize(self, board: Board) -> None:
        self.board = board

    @web.authenticated
    async def delete(self, notice_id: str) -> None:
        if not self.board.dismiss(notice_id):
            raise web.HTTPError(404, f"There is no notice {notice_id!r}.")
        self.set_status(204)
        self.finish()


def add_to(server: ServerApp) -> None:
    """Serve the session's notices under the address of `server` and on its event stream."""
    at = url_path_join(server.base_url, "lifedesk/api/notices")
    parts = {"board": board}
    server.web_app.add_handlers(".*$", [(at, _Notices, parts), (f"{at}/([0-9a-f]{{32}})", _OneNotice, parts)])
    for name, title, listen in ((EVENT, "Notice", board.on_post), (REMOVAL, "Removal of a notice", board.on_removal)):
        server.event_logger.register_event_schema(_schema(name, title))
        listen(partial(_emit, server, name))


def _emit(server: ServerApp, name: str, notice: Notice) -> None:
    server.event_logger.emit(schema_id=name, data=asdict(notice))
