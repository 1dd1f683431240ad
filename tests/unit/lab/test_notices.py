"""The board of notices and its API, the latter in a real Jupyter server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from lifedesk_lab.notices import Board, Notice, board
from lifedesk_lab.notices_api import EVENT, REMOVAL
from tests.unit.lab.conftest import TOKEN, LabServer

FULL = Notice(about="home", kind="warning", summary="Your home is nearly full.", advice="Empty the trash.")


def test_a_notice_replaces_the_one_about_the_same_subject_and_stands_last() -> None:
    board = Board()
    later = Notice(about="home", summary="Your home is full.")
    other = Notice(about="kernel:1", summary="The kernel was ended.")
    for notice in (FULL, other, later):
        board.post(notice)
    assert board.standing() == [other, later]


def test_a_withdrawn_subject_and_a_dismissed_notice_stand_no_longer() -> None:
    board = Board()
    other = Notice(about="kernel:1", summary="The kernel was ended.")
    board.post(FULL)
    board.post(other)
    board.withdraw("home")
    board.withdraw("home")
    assert board.standing() == [other]
    assert board.dismiss(other.id)
    assert not board.dismiss(other.id)
    assert board.standing() == []


def test_the_board_holds_the_newest_fifty() -> None:
    board = Board()
    for number in range(60):
        board.post(Notice(about=f"kernel:{number}", summary="The kernel was ended."))
    assert [notice.about for notice in board.standing()] == [f"kernel:{number}" for number in range(10, 60)]


async def test_notices_are_listed_and_dismissed_over_http(server: LabServer) -> None:
    board.post(FULL)
    [listed] = (await server.get("lifedesk/api/notices")).json()
    assert listed == asdict(FULL)
    assert (await server.request("DELETE", f"lifedesk/api/notices/{FULL.id}")).status_code == 204
    assert (await server.get("lifedesk/api/notices")).json() == []
    again = await server.request("DELETE", f"lifedesk/api/notices/{FULL.id}")
    assert (again.status_code, again.json()["message"]) == (404, f"There is no notice {FULL.id!r}.")


async def test_notices_are_for_the_sessions_user_only(server: LabServer) -> None:
    board.post(FULL)
    assert (await server.request("GET", "lifedesk/api/notices", token="wrong")).status_code == 403
    assert (await server.request("DELETE", f"lifedesk/api/notices/{FULL.id}", token="wrong")).status_code == 403
    assert board.standing() == [FULL]


async def test_a_new_notice_comes_as_an_event_of_jupyters_stream(server: LabServer) -> None:
    address = f"ws{server.url[4:]}api/events/subscribe"
    stream = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {TOKEN}"}))
    board.post(FULL)
    received = await asyncio.wait_for(stream.read_message(), 10)
    assert received is not None
    event = json.loads(received)
    assert event.pop("schema_id") == EVENT
    assert {name: event[name] for name in asdict(FULL)} == asdict(FULL)
    board.withdraw(FULL.about)
    received = await asyncio.wait_for(stream.read_message(), 10)
    assert received is not None
    removal = json.loads(received)
    assert (removal["schema_id"], removal["id"]) == (REMOVAL, FULL.id)
    stream.close()
    assert await asyncio.wait_for(stream.read_message(), 10) is None
