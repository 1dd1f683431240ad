"""Images that are no sessions, images that go away, memory that runs out, an engine that stops: each said in words."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import docker
import pytest
import yaml

from lifedesk_hub.node.state import State
from lifedesk_hub.node.supervision import Supervisor
from tests.support.altered_images import SERVER, altered_image, remove_image, replaced_server
from tests.support.cut_engine import CutEngine, cut_engine
from tests.support.node import REPOSITORY, Node, Person, logged_in, running_node, words_of
from tests.support.waiting import wait_until

START_SECONDS = 10
ODD = {
    "serverless": f"rm {SERVER}",
    "deaf": replaced_server("sleep 600"),
    "broken": replaced_server("echo This recipe went wrong >&2; exit 3"),
    "fleeting": "true",
}
"""Name → what is different in the image from base."""


@dataclass(frozen=True)
class Odd:
    """A node with odd environments, and its breakable way to the engine."""

    node: Node
    way: CutEngine
    images: dict[str, str]


@pytest.fixture(scope="module")
def odd(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Odd]:
    folder = tmp_path_factory.mktemp("odd")
    with ExitStack() as stack:
        images = {
            name: stack.enter_context(altered_image(docker_engine, image_tags["base"], f"ldtest-{name}:1.0", script))
            for name, script in ODD.items()
        }
        site = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
        site["profiles"] = [one for one in site["profiles"] if one["slug"] == "base"]
        site["profiles"][0]["earlier_versions"] = True
        for name, image in images.items():
            about = {"slug": name, "display_name": name.title(), "description": name, "image": image}
            site["profiles"].append({**about, "sizes": ["small"]})
        windows = {"slug": "windows", "display_name": "Windows", "description": "A desktop", "image": "desktop"}
        opening = {"interfaces": ["lab", "desktop"], "desktop": {"clipboard": {"out": False}}}
        site["profiles"].append({**windows, **opening, "sizes": ["small"]})
        site["limits"] = {"start_timeout_seconds": START_SECONDS}
        site["hub_override"] = {"DockerSpawner": {"client_kwargs": {"base_url": f"unix://{folder}/engine.sock"}}}
        site_file = folder / "lifedesk.yaml"
        site_file.write_text(yaml.safe_dump(site))
        way = stack.enter_context(cut_engine(folder / "engine.sock"))
        yield Odd(stack.enter_context(running_node(folder / "state", site_file)), way, images)


@pytest.fixture
def person(odd: Odd) -> Iterator[Person]:
    with logged_in(odd.node, "researcher") as person:
        yield person


def test_an_image_without_the_single_user_server_is_named_at_once_with_what_it_lacks(odd: Odd, person: Person) -> None:
    begun = time.monotonic()
    told = person.failed_start(profile="serverless", size="small")
    assert time.monotonic() - begun < START_SECONDS
    image = odd.images["serverless"]
    assert f"The image {image} of Serverless has no single-user server: the program lifedesk-singleuser is" in told
    assert "OCI" not in told


def test_a_server_that_ends_as_it_starts_is_told_quickly_and_its_last_words_are_in_the_log(
    odd: Odd, person: Person
) -> None:
    begun = time.monotonic()
    told = person.failed_start(profile="broken", size="small")
    assert time.monotonic() - begun < START_SECONDS
    image = odd.images["broken"]
    assert f"Your server ended while it started (exit code 3): something is wrong with the image {image} of" in told
    assert "This recipe went wrong" not in told
    assert "This recipe went wrong" in odd.node.log("hub")


def test_an_image_that_listens_on_nothing_is_told_when_the_time_is_up(odd: Odd, person: Person) -> None:
    told = person.failed_start(profile="deaf", size="small")
    assert f"Your session ran for {START_SECONDS} seconds without taking connections at port 8888" in told
    assert f"or the image {odd.images['deaf']} of Deaf has no server that listens there." in told


def test_an_image_that_vanished_after_the_form_was_shown_is_told_in_words(
    odd: Odd, person: Person, docker_engine: docker.DockerClient
) -> None:
    assert "Fleeting" in person.web.get("/hub/spawn").text
    remove_image(docker_engine, odd.images["fleeting"])
    assert "The image of Fleeting is not on this node." in person.failed_start(profile="fleeting", size="small")


def test_an_earlier_version_is_offered_started_and_refused_when_it_is_gone(
    odd: Odd, person: Person, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    repository = image_tags["base"].rpartition(":")[0]
    with (
        altered_image(docker_engine, image_tags["base"], f"{repository}:ldtest-older") as older,
        altered_image(docker_engine, image_tags["base"], f"{repository}:ldtest-oldest"),
    ):
        assert 'value="ldtest-older"' in person.web.get("/hub/spawn").text
        person.start_and_wait(profile="base", size="small", version="ldtest-older")
        assert docker_engine.containers.get(person.container).attrs["Config"]["Image"] == older
        assert "an earlier version" in person.web.get("/hub/home").text
        person.stop()
        remove_image(docker_engine, older)
        told = person.failed_start(profile="base", size="small", version="ldtest-older")
        assert "Version 'ldtest-older' of Notebook is not on this node. There are: " in told
        assert "ldtest-oldest (" in told


def test_an_image_made_elsewhere_on_top_of_ours_is_no_version_of_ours(
    person: Person, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    with altered_image(docker_engine, image_tags["base"], "ldtest.example/lifedesk/base:ldtest-other"):
        assert "ldtest-other" not in person.web.get("/hub/spawn").text
        told = person.failed_start(profile="base", size="small", version="ldtest-other")
        assert "Version 'ldtest-other' of Notebook is not on this node." in told


def test_a_session_opens_with_the_interface_it_was_started_with_and_its_clipboard_obeys_the_site(
    odd: Odd, person: Person
) -> None:
    person.web.get("/hub/spawn?opt-profile=windows&opt-interface=desktop")
    events = person.start_events()
    assert [event["message"] for event in events if event.get("stage")][-1] == "Opening the desktop"
    opened = person.in_session("")
    assert (opened.status_code, str(opened.url)) == (200, f"{odd.node.url}/user/{person.username}/desktop/")
    assert person.in_session("lab").status_code == 200
    assert "Open JupyterLab" in words_of(person.web.get("/hub/home").text)
    assert person.run("printenv", "LIFEDESK_CLIPBOARD") == "in\n"
    person.stop()
    person.start_and_wait(profile="base", size="small")
    assert str(person.in_session("").url) == f"{odd.node.url}/user/{person.username}/lab"
    assert person.run("printenv", "LIFEDESK_CLIPBOARD") == "in,out\n"


def test_a_session_that_ran_out_of_memory_says_so_when_its_owner_looks(person: Person) -> None:
    person.start_and_wait(profile="base", size="small")
    assert person.in_session("api").status_code == 200
    # The system ends what it finds largest; here it is told to take the session's own server.
    hoard = "hoard = [bytearray(2**27) for _ in range(64)]"
    script = f"echo 1000 > /proc/$(tr -d ' ' < /proc/1/task/1/children)/oom_score_adj && python -c '{hoard}'"
    person.run("sh", "-c", script, check=False)
    wait_until(lambda: not person.has_session, "the hub did not notice", timeout_seconds=60)
    sentence = "It needed more memory than its size has (2 GB) and was ended by the system."
    assert sentence in words_of(person.web.get("/hub/home").text)
    assert sentence in words_of(person.web.get(f"/hub/user/{person.username}/").text)
    person.start_and_wait(profile="base", size="small")
    person.stop()
    assert sentence not in words_of(person.web.get("/hub/home").text)


def test_while_the_engine_is_stopped_pages_are_served_and_say_so_and_sessions_are_not_forgotten(
    odd: Odd, person: Person
) -> None:
    supervisor = Supervisor(State(odd.node.state))
    person.start_and_wait(profile="base", size="small")
    assert person.can_use_session()
    with logged_in(odd.node, "researcher2") as colleague:
        odd.way.cut()
        try:
            form = words_of(colleague.web.get("/hub/spawn").text)
            assert "The node's container engine does not answer, so no session can start." in form
            told = colleague.failed_start(profile="base", size="small")
            assert "The node's container engine did not start your session. Nothing of yours is lost." in told
            before = supervisor.pids()["hub"]
            os.kill(before, signal.SIGKILL)
            wait_until(lambda: supervisor.pids()["hub"] not in {0, before}, "the hub did not come back")
            wait_until(lambda: odd.node.status()["sessions"], "the session was forgotten", timeout_seconds=60)
            assert person.can_use_session()
            assert "Running" in words_of(person.web.get("/hub/home").text)
        finally:
            odd.way.mend()
        colleague.start_and_wait(profile="base", size="small")
    assert person.can_use_session()
