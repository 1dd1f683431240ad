"""What comes back by itself, and what `up` mends, after something of the node was taken away."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lifedesk_hub.node.engine import bridge_name
from lifedesk_hub.node.state import State
from lifedesk_hub.node.supervision import Supervisor
from tests.support.node import Node, Person, lifedesk, logged_in
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def researcher(node: Node) -> Iterator[Person]:
    with logged_in(node, "researcher") as person:
        person.start_and_wait(profile="base", size="small")
        yield person


def kill(node: Node, program: str) -> None:
    """Kill one of the node's programs and wait until another of its name runs."""
    supervisor = Supervisor(State(node.state))
    before = supervisor.pids()[program]
    os.kill(before, signal.SIGKILL)
    wait_until(
        lambda: supervisor.pids()[program] not in {0, before} and supervisor.states()[program] == "RUNNING",
        f"{program} did not come back",
        timeout_seconds=30,
    )


def stop(node: Node, program: str) -> None:
    """Stop one of the node's programs, so that it stays away."""
    supervisorctl = Path(sys.executable).with_name("supervisorctl")
    address = f"unix://{State(node.state).supervisor_socket}"
    subprocess.run([supervisorctl, "-s", address, "stop", program], check=True, capture_output=True)


def test_after_the_proxy_is_killed_the_session_is_reached_again_within_seconds(node: Node, researcher: Person) -> None:
    kill(node, "proxy")
    wait_until(researcher.can_use_session, "the session was not reached again", timeout_seconds=15)


@pytest.mark.parametrize("program", ["front", "demo-login", "housekeeping"])
def test_other_programs_come_back_and_nobody_is_disturbed(node: Node, researcher: Person, program: str) -> None:
    kill(node, program)
    wait_until(researcher.can_use_session, "the session was not reached again", timeout_seconds=5)


def flush_firewall(node: Node) -> None:
    """Take the node's own rules away, as a restarted firewall of the system does with all rules."""
    bridge = bridge_name(node.deployment["network"])
    for parent, place in (("INPUT", "HOST"), ("FORWARD", "FWD"), ("DOCKER-USER", "FWD")):
        chain = f"{bridge}-{place}".upper()
        subprocess.run(["iptables", "-w", "-D", parent, "-i", bridge, "-j", chain], check=True)
        subprocess.run(["iptables", "-w", "-F", chain], check=True)


def reach_public_port(node: Node, person: Person) -> str:
    """What comes of a connection from the session to a program of the node that is none of its business."""
    with socket.create_server(("0.0.0.0", 0)) as other:
        gateway = node.deployment["hub_url"].removeprefix("http://").split(":")[0]
        return person.connect(gateway, int(other.getsockname()[1]))


def test_a_flushed_firewall_is_put_back_and_said_in_the_log(node: Node, researcher: Person) -> None:
    assert reach_public_port(node, researcher) == "ConnectionRefusedError"
    flush_firewall(node)
    assert reach_public_port(node, researcher) == "connected", "the firewall was not what kept the session away"
    wait_until(
        lambda: reach_public_port(node, researcher) == "ConnectionRefusedError",
        "the firewall was not put back",
        timeout_seconds=30,
    )
    wait_until(lambda: "taken away by another program: put back" in node.log("housekeeping"), "nothing in the log")


def test_up_puts_a_flushed_firewall_back_at_once(node: Node, researcher: Person) -> None:
    stop(node, "housekeeping")
    flush_firewall(node)
    assert node.command("up", "--yes").status == 0
    assert reach_public_port(node, researcher) == "ConnectionRefusedError"


def test_status_names_a_program_that_does_not_run(node: Node) -> None:
    stop(node, "housekeeping")
    told = node.command("status").output
    assert "housekeeping does not run (stopped): see ./lifedesk logs housekeeping" in told
    assert node.command("up", "--yes").status == 0
    assert "does not run" not in node.command("status").output


@pytest.fixture
def stopped(node: Node) -> Iterator[Node]:
    """The node while it is down; up again afterwards."""
    assert node.command("down").status == 0
    yield node
    assert node.command("up", "--yes").status == 0


def test_up_right_after_down_works(node: Node, researcher: Person) -> None:
    assert node.command("down").status == 0
    up = node.command("up", "--yes")
    assert up.status == 0, up.errors
    wait_until(researcher.can_use_session, "the session was not reached again", timeout_seconds=15)


def test_after_the_supervisor_is_killed_up_takes_over_from_what_it_left(node: Node, researcher: Person) -> None:
    left = Supervisor(State(node.state)).pids()
    os.kill(int(State(node.state).supervisor_pid.read_text()), signal.SIGKILL)
    wait_until(lambda: node.status()["state"] == "stopped", "the supervisor did not end")
    up = node.command("up", "--yes")
    assert up.status == 0, up.errors
    assert not [name for name, pid in left.items() if Path(f"/proc/{pid}").exists()], left
    wait_until(researcher.can_use_session, "the session was not reached again", timeout_seconds=15)


def test_a_damaged_database_is_said_in_words_and_the_whole_one_goes_on(stopped: Node, tmp_path: Path) -> None:
    database = State(stopped.state).hub_database
    shutil.copy(database, tmp_path / "whole")
    try:
        database.write_bytes(b"this is no database" * 100)
        up = stopped.command("up", "--yes")
        assert up.status == 1
        assert f"The hub's database {database} is damaged (file is not a database)." in up.errors
        assert "Traceback" not in up.errors
    finally:
        shutil.copy(tmp_path / "whole", database)


def test_an_address_that_somebody_took_meanwhile_is_named_at_once(stopped: Node) -> None:
    port = int(stopped.url.rsplit(":", 1)[1])
    with socket.create_server(("127.0.0.1", port)):
        up = stopped.command("up", "--yes")
    assert up.status == 1
    assert f"Port {port} on 127.0.0.1 is in use by another program. Choose another one with --port." in up.errors


def test_a_refused_start_leaves_no_network_behind(short_folder: Path) -> None:
    def networks() -> set[str]:
        listed = subprocess.run(["docker", "network", "ls", "-q"], capture_output=True, text=True, check=True)
        return set(listed.stdout.split())

    with socket.create_server(("127.0.0.1", 0)) as other:
        before = networks()
        assert lifedesk("up", "--yes", "--port", str(other.getsockname()[1]), "--state", short_folder).status == 1
    assert networks() <= before


def test_an_edit_of_the_site_file_waits_for_up_even_if_the_hub_starts_again(
    node: Node, researcher: Person, tmp_path: Path
) -> None:
    state = State(node.state)
    pointer = state.site_pointer.read_text()
    broken = tmp_path / "lifedesk.yaml"
    broken.write_text("name: [broken")
    try:
        state.site_pointer.write_text(f"{broken}\n")
        kill(node, "hub")
        wait_until(researcher.can_use_session, "the session was not reached again", timeout_seconds=30)
        refused = node.command("up", "--yes")
        assert refused.status == 1
        assert "lifedesk.yaml: 1 fault" in refused.errors
        assert node.status()["state"] == "running"
    finally:
        state.site_pointer.write_text(pointer)
