"""What the pages say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from jupyterhub.spawner import SpawnException
from tornado.web import HTTPError

from lifedesk_hub.errors import LoginRefused
from lifedesk_hub.pages.words import BY_STATUS, CROWDED, EXPIRED_PAGE, NODE_TROUBLE, Words
from lifedesk_hub.site import Site

SITE = Site.model_validate(
    {
        "name": "Cells",
        "contact": "the helpdesk",
        "login": {"provider": "demo"},
        "groups": [{"name": "members", "claim_values": ["members"]}],
        "sizes": [{"slug": "small", "display_name": "Small", "cpu_limit": 1, "mem_limit": "2G"}],
        "profiles": [
            {
                "slug": "base",
                "display_name": "Notebook",
                "description": "JupyterLab",
                "image": "base",
                "sizes": ["small"],
            },
            {
                "slug": "imaging",
                "display_name": "Imaging",
                "description": "napari",
                "image": "imaging",
                "sizes": ["small"],
                "interfaces": ["desktop", "lab"],
            },
        ],
    }
)
WORDS = Words(SITE)
REFUSAL = SpawnException("The node is full.", reason="capacity", log_message="17 of 17 on 10.0.0.3", status_code=503)


async def failed_spawner(exception: Exception) -> SimpleNamespace:
    """A spawner whose last start ended with that exception."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_exception(exception)
    return SimpleNamespace(_spawn_future=future)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "base", "size": "small"}, "Notebook, Small"),
        ({"profile": "imaging", "size": "small"}, "Imaging, Small, Desktop"),
        ({"profile": "imaging", "size": "small", "interface": "lab"}, "Imaging, Small, JupyterLab"),
        ({"profile": "imaging", "size": "small", "interface": ["x"]}, "Imaging, Small, Desktop"),
        ({"profile": "base", "size": "small", "version": "3f2a91c07b44"}, "Notebook, Small, an earlier version"),
        ({"profile": "gone", "size": "small"}, ""),
        ({"profile": "base"}, ""),
        ({"profile": ["base"], "size": {}}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_session_is_told_by_environment_and_size(options: dict[str, object] | None, said: str) -> None:
    assert WORDS.session(options) == said


def test_a_session_can_be_opened_with_the_other_interface_too() -> None:
    assert WORDS.other_interfaces({"profile": "imaging", "size": "small"}) == [("lab", "JupyterLab")]
    assert WORDS.other_interfaces({"profile": "imaging", "interface": "lab"}) == [("desktop/", "the desktop")]
    assert WORDS.other_interfaces({"profile": "base"}) == []
    assert WORDS.other_interfaces({}) == []


@pytest.mark.parametrize(
    ("ended", "options", "beginning"),
    [
        ("memory", {"size": "small"}, "It needed more memory than its size has (2 GB) and was ended by the system."),
        ("memory", {}, "It needed more memory than its size has and was ended by the system."),
        ("itself", {}, "It ended by itself: "),
        ("", {}, ""),
    ],
)
def test_how_a_session_ended_is_said(ended: str, options: dict[str, object], beginning: str) -> None:
    said = WORDS.ended(SimpleNamespace(ended=ended, user_options=options))
    assert said.startswith(beginning)
    assert bool(said) == bool(beginning)


def test_people_are_called_by_their_name() -> None:
    assert (
        WORDS.name(SimpleNamespace(name="uabc", user_info={"display_name": "Rosalind Franklin"})) == "Rosalind Franklin"
    )
    assert WORDS.name(SimpleNamespace(name="uabc", user_info=None)) != "uabc"


def test_elapsed_seconds_count_from_the_databases_utc() -> None:
    started = (datetime.now(UTC) - timedelta(seconds=42)).replace(tzinfo=None)
    assert WORDS.elapsed_seconds(started) in (42, 43)
    assert WORDS.elapsed_seconds(None) == 0


def test_a_refused_start_is_told_in_its_own_words_without_those_for_the_log() -> None:
    assert WORDS.failure(REFUSAL).sentence == "The node is full."


def test_a_start_that_took_too_long_says_how_long() -> None:
    assert WORDS.failure(TimeoutError("http://10.0.0.3:8888 did not respond")).sentence == (
        "It did not answer within 120 seconds, so it was ended."
    )


def test_any_other_failure_keeps_its_message_for_the_log() -> None:
    trouble = WORDS.failure(RuntimeError("/var/lib/secret is missing"))
    assert "secret" not in f"{trouble}"
    assert trouble.sentence == "The node could not start it."


async def test_above_the_form_the_last_failure_is_told_in_words() -> None:
    spawner = await failed_spawner(REFUSAL)
    assert WORDS.refusal(str(REFUSAL), spawner) == "The node is full."


async def test_above_the_form_a_fault_of_the_hub_is_told_by_its_status() -> None:
    crowded = HTTPError(429, "Too many users trying to log in right now.")
    assert WORDS.refusal(str(crowded), await failed_spawner(crowded)) == f"{CROWDED.sentence} {CROWDED.advice}"


def test_above_the_form_jupyterhubs_own_wrapping_is_left_out() -> None:
    nothing = SimpleNamespace(_spawn_future=None)
    assert WORDS.refusal("403 SpawnException(reason=size): Choose one of: small.", nothing) == "Choose one of: small."
    unhandled = "HTTP 500: Internal Server Error (Unhandled error starting server uabc)"
    assert WORDS.refusal(unhandled, nothing) == f"{NODE_TROUBLE.sentence} {NODE_TROUBLE.advice}"


@pytest.mark.parametrize("status", [400, 403, 404, 429, 503])
def test_an_error_page_has_words_for_the_status(status: int) -> None:
    assert WORDS.error(status, HTTPError(status, "No such user: uabc"), "No such user: uabc") == BY_STATUS[status]


def test_an_unknown_status_is_the_nodes_trouble() -> None:
    assert WORDS.error(599, None) == NODE_TROUBLE


def test_an_error_page_tells_why_a_login_was_refused() -> None:
    sentence = "Nobody here knows you yet. Ask the helpdesk."
    assert WORDS.error(403, LoginRefused(sentence)).sentence == sentence
    error = HTTPError(403, "refused")
    error.__cause__ = LoginRefused(sentence)
    assert WORDS.error(403, error).sentence == sentence


def test_a_page_that_is_too_old_is_called_that() -> None:
    assert WORDS.error(403, HTTPError(403), "XSRF cookie does not match POST argument") == EXPIRED_PAGE
