"""A second node on the same machine, with folders by group, little patience for deleted homes, and bad luck."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import yaml

from tests.support.cut_engine import CutEngine, cut_engine
from tests.support.node import REPOSITORY, Node, lifedesk, logged_in, running_node
from tests.support.waiting import wait_until


@dataclass(frozen=True)
class Second:
    """The second node, its folders and its breakable way to the engine."""

    node: Node
    site_file: Path
    microscopes: Path
    engine_way: CutEngine


@pytest.fixture(scope="module")
def second(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    folder = tmp_path_factory.mktemp("second")
    microscopes = folder / "microscopes"
    microscopes.mkdir(mode=0o755)
    folder.chmod(0o755)
    (microscopes / "plate.txt").write_text("measured\n")
    site = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
    site["name"] = "Second node"
    site["mounts"] = [{"source": str(microscopes), "target": "/data/microscopes", "allowed_groups": ["structural"]}]
    site["login"]["refresh_seconds"] = 5
    site["limits"] = {"home_deletion_grace_days": 0}
    site["profiles"].append(
        {
            "slug": "missing",
            "display_name": "Missing",
            "description": "Gone",
            "image": "nobody/has:this",
            "sizes": ["small"],
        }
    )
    site["hub_override"] = {"DockerSpawner": {"client_kwargs": {"base_url": f"unix://{folder}/engine.sock"}}}
    site_file = folder / "lifedesk.yaml"
    site_file.write_text(yaml.safe_dump(site))
    with ExitStack() as stack:
        way = stack.enter_context(cut_engine(folder / "engine.sock"))
        running = stack.enter_context(running_node(folder / "state", site_file))
        yield Second(running, site_file, microscopes, way)


def test_two_nodes_run_side_by_side_and_share_nothing(node: Node, second: Second) -> None:
    first, other = node.deployment, second.node.deployment
    assert node.status()["state"] == second.node.status()["state"] == "running"
    for fact in ("name", "url", "hub_url", "network", "demo_issuer", "proxy_api_url"):
        assert first[fact] != other[fact], fact
    assert node.password("researcher") != second.node.password("researcher")


def test_up_again_says_that_it_is_already_running(second: Second) -> None:
    again = second.node.command("up", "--yes", "--site", second.site_file)
    assert again.status == 0
    assert again.output.startswith("Already running.")


def test_a_folder_of_a_group_is_seen_by_its_members_only(second: Second) -> None:
    with logged_in(second.node, "researcher") as member, logged_in(second.node, "researcher2") as other:
        member.start_and_wait(profile="base", size="small")
        other.start_and_wait(profile="base", size="small")
        assert member.run("cat", "/data/microscopes/plate.txt") == "measured\n"
        assert "Read-only file system" in member.run("touch", "/data/microscopes/mine", check=False)
        assert "No such file" in other.run("ls", "/data/microscopes", check=False)


def drop_group(node: Node, name: str, group: str) -> None:
    """Take a group away from a demo account, at the provider."""
    file = node.state / "demo-login" / "accounts.json"
    accounts = json.loads(file.read_text())
    for account in accounts:
        if account["name"] == name:
            urns = account["claims"]["eduperson_entitlement"]
            account["claims"]["eduperson_entitlement"] = [urn for urn in urns if f":group:{group}#" not in urn]
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(accounts))
    part.replace(file)


def test_a_session_ends_when_its_owner_loses_the_group_of_a_folder_in_it_and_not_another_group(
    second: Second, docker_engine: docker.DockerClient
) -> None:
    audit = second.node.state / "audit.jsonl"
    accounts = second.node.state / "demo-login" / "accounts.json"
    before = accounts.read_text()
    with logged_in(second.node, "researcher") as person:
        person.start_and_wait(profile="base", size="small")
        try:
            drop_group(second.node, "researcher", "imaging")
            wait_until(lambda: '"removed": ["imaging"]' in audit.read_text(), "the change was not noticed", 60)
            assert docker_engine.containers.get(person.container).status == "running"
            accounts.write_text(before)
            wait_until(lambda: '"added": ["imaging"]' in audit.read_text(), "the change back was not noticed", 60)
            drop_group(second.node, "researcher", "structural")
            wait_until(lambda: '"session_ended"' in audit.read_text(), "the session did not end", timeout_seconds=60)
            wait_until(lambda: not person.has_session, "the session did not end", timeout_seconds=60)
            person.start_and_wait(profile="base", size="small")
            assert "No such file" in person.run("ls", "/data/microscopes", check=False)
        finally:
            accounts.write_text(before)


def test_an_image_that_is_not_there_is_said_in_words(second: Second) -> None:
    with logged_in(second.node, "researcher") as person:
        told = person.failed_start(profile="missing", size="small")
        assert "The image of Missing is not on this node." in told
        assert "ask the Lifedesk helpdesk (helpdesk@lifedesk.example)" in told
        assert "Traceback" not in told
        person.start_and_wait(profile="base", size="small")


@pytest.mark.parametrize("request_cut", [b"/containers/create", b"/start"], ids=["before-create", "before-start"])
def test_an_engine_that_stops_in_mid_start_is_said_in_words_and_the_next_try_works(
    second: Second, request_cut: bytes, docker_engine: docker.DockerClient
) -> None:
    with logged_in(second.node, "researcher") as person:
        assert not person.has_session
        second.engine_way.cut_when(request_cut)
        try:
            told = person.failed_start(profile="base", size="small")
        finally:
            second.engine_way.cut()
            second.engine_way.mend()
        assert "The node's container engine did not start your session. Nothing of yours is lost." in told
        person.start_and_wait(profile="base", size="small")
        mine = [one for one in docker_engine.containers.list(all=True) if one.name == person.container]
        assert len(mine) == 1


def test_a_deleted_persons_home_is_removed_and_a_receipt_is_kept(
    second: Second, docker_engine: docker.DockerClient
) -> None:
    with logged_in(second.node, "researcher2") as person:
        person.start_and_wait(profile="base", size="small")
        person.stop()
        volume = f"{second.node.deployment['name']}-home-{person.username}"
        assert docker_engine.volumes.get(volume)
        with logged_in(second.node, "operator") as operator:
            assert operator.api("DELETE", f"/users/{person.username}").status_code == 204
    wait_until(lambda: volume not in {one.name for one in docker_engine.volumes.list()}, "the home was not removed", 90)
    wait_until(
        lambda: f"Receipt: home {volume} removed for good" in second.node.log("housekeeping"), "there is no receipt"
    )


def test_a_change_of_the_site_restarts_the_hub_and_no_session(
    second: Second, docker_engine: docker.DockerClient
) -> None:
    with logged_in(second.node, "researcher") as person:
        person.start_and_wait(profile="base", size="small")
        started = docker_engine.containers.get(person.container).attrs["State"]["StartedAt"]
        site = yaml.safe_load(second.site_file.read_text())
        site["name"] = "Second node, renamed"
        second.site_file.write_text(yaml.safe_dump(site))
        changed = second.node.command("up", "--yes", "--site", second.site_file)
        assert changed.status == 0, changed.errors
        assert "Second node, renamed" in person.web.get("/hub/home").text
        assert docker_engine.containers.get(person.container).attrs["State"]["StartedAt"] == started
        assert person.in_session("api").status_code == 200


def test_sessions_go_on_while_the_node_is_down_and_are_there_after_up(
    second: Second, docker_engine: docker.DockerClient
) -> None:
    with logged_in(second.node, "researcher") as person:
        person.start_and_wait(profile="base", size="small")
        down = second.node.command("down")
        assert (down.status, down.output.split(".")[0]) == (0, "Stopped")
        assert second.node.status()["state"] == "stopped"
        assert docker_engine.containers.get(person.container).status == "running"
        assert second.node.command("up", "--yes").status == 0
        wait_until(lambda: second.node.status()["sessions"], "the session was forgotten", timeout_seconds=30)
        wait_until(lambda: person.in_session("api").status_code == 200, "the session was not reachable again")


def test_a_port_that_is_taken_is_named_with_the_remedy(second: Second, short_folder: Path) -> None:
    port = second.node.url.rsplit(":", 1)[1]
    refused = lifedesk("up", "--yes", "--port", port, "--state", short_folder)
    assert refused.status == 1
    assert f"Port {port} on 127.0.0.1 is in use by another program. Choose another one with --port." in refused.errors
