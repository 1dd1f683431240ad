"""Start, stop, come back; what the hub's end or a person's deletion does to a session."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.node import Node, Person, logged_in
from tests.support.waiting import wait_until

EVERYTHING = "imaging, structural, medical, biodiversity, base"
"""The demo's profiles, in the order of its site file; the researcher may start them all."""


@pytest.fixture
def researcher(node: Node) -> Iterator[Person]:
    with logged_in(node, "researcher") as person:
        yield person


def test_a_start_tells_its_true_stages_in_order(researcher: Person) -> None:
    researcher.start(profile="base", size="small")
    events = researcher.start_events()
    stages = [event["stage"] for event in events if "stage" in event]
    assert stages == ["image", "container", "server", "lab"]
    elapsed = [event["elapsed_seconds"] for event in events if "stage" in event]
    assert elapsed == sorted(elapsed)
    assert events[-1]["ready"]


def test_what_is_in_the_home_is_there_after_stop_and_start_in_another_environment(researcher: Person) -> None:
    researcher.start_and_wait(profile="base", size="small")
    researcher.run("sh", "-c", "echo mine > ~/kept.txt")
    researcher.stop()
    researcher.start_and_wait(profile="imaging", size="medium")
    assert researcher.run("cat", "/home/jovyan/kept.txt") == "mine\n"
    researcher.run("rm", "/home/jovyan/kept.txt")


def test_imaging_opens_as_a_desktop_from_a_link(researcher: Person) -> None:
    researcher.web.get("/hub/spawn?opt-profile=imaging&opt-size=small&opt-interface=desktop")
    assert researcher.start_events()[-1]["ready"]
    opened = researcher.in_session("")
    assert (opened.status_code, opened.url.path) == (200, f"/user/{researcher.username}/desktop/")


def test_the_last_choice_is_remembered(researcher: Person) -> None:
    researcher.start_and_wait(profile="base", size="medium")
    researcher.stop()
    page = researcher.web.get("/hub/spawn").text
    checked = [line for line in page.split("<input")[1:] if "checked" in line.split(">")[0]]
    assert any('value="base"' in field for field in checked), page
    assert any('value="medium"' in field for field in checked), page


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"profile": "nonsense"}, f"Profile 'nonsense' is not open to you. Choose one of: {EVERYTHING}."),
        (
            {"image": "debian:13"},
            "Unknown start option 'image'. A session has a profile, a size, an interface and a version.",
        ),
        ({"profile": "base", "size": "huge"}, "Size 'huge' is not offered for base. Choose one of: small, medium."),
    ],
)
def test_hostile_start_options_are_refused_in_words(researcher: Person, options: dict[str, str], sentence: str) -> None:
    assert sentence in researcher.failed_start(**options)
    assert not researcher.has_session


def test_a_session_lives_on_while_the_hub_is_killed_and_comes_back(
    researcher: Person, node: Node, docker_engine: docker.DockerClient
) -> None:
    researcher.start_and_wait(profile="base", size="small")
    started = docker_engine.containers.get(researcher.container).attrs["State"]["StartedAt"]
    assert researcher.can_use_session()
    os.kill(_hub_pid(node), signal.SIGKILL)
    assert researcher.in_session("api").status_code == 200, "the proxy no longer led to the session"
    wait_until(
        lambda: node.status()["state"] == "running" and node.status()["sessions"], "the hub did not come back", 60
    )
    assert docker_engine.containers.get(researcher.container).attrs["State"]["StartedAt"] == started
    assert researcher.can_use_session()
    [session] = node.status()["sessions"]
    assert (session["person"], session["state"]) == ("Rosalind Researcher", "running")


def _hub_pid(node: Node) -> int:
    command = ["pgrep", "--full", f"jupyterhub -f {node.repository_config}"]
    pids = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    mine = [pid for pid in pids if f"LIFEDESK_STATE={node.state}".encode() in _environment(pid)]
    assert len(mine) == 1, pids
    return int(mine[0])


def _environment(pid: str) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def test_a_session_whose_container_is_killed_can_be_started_again(
    researcher: Person, docker_engine: docker.DockerClient
) -> None:
    researcher.start_and_wait(profile="base", size="small")
    docker_engine.containers.get(researcher.container).kill()
    wait_until(
        lambda: not researcher.has_session,
        "the hub did not notice that the container is gone",
        timeout_seconds=90,
    )
    researcher.start_and_wait(profile="base", size="small")
    assert researcher.in_session("api").status_code == 200
