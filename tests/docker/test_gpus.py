"""GPUs, on a machine that may have none: NVIDIA's listing is a folder of the test's, all else is the real engine's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import yaml

from lifedesk_hub.engines.nvidia import DRIVER_FOLDER
from tests.support.cut_engine import CutEngine, cut_engine
from tests.support.node import REPOSITORY, Node, Person, lifedesk, logged_in, running_node, words_of

FIRST, SECOND = "GPU-11111111-2222-3333-4444-555555555555", "GPU-66666666-7777-8888-9999-000000000000"
INFORMATION = """\
Model: \t\t NVIDIA A100-SXM4-80GB
IRQ:   \t\t 183
GPU UUID: \t {uuid}
Video BIOS: \t 92.00.45.00.05
Bus Location: \t 0000:{bus}:00.0
Device Minor: \t {minor}
"""


@dataclass(frozen=True)
class GpuNode:
    """A node whose driver lists what is in `listing`, and the recorded way to its engine."""

    node: Node
    listing: Path
    way: CutEngine


def list_gpus(folder: Path, *uuids: str) -> None:
    """Write what NVIDIA's driver shows of these GPUs; none leaves the folder empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number, uuid in enumerate(uuids):
        bus = f"{0x17 + number:02x}"
        place = folder / f"0000:{bus}:00.0"
        place.mkdir()
        (place / "information").write_text(INFORMATION.format(uuid=uuid, bus=bus, minor=number))


@pytest.fixture(scope="module")
def gpu_node(image_tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[GpuNode]:
    folder = tmp_path_factory.mktemp("gpus")
    list_gpus(folder / "listing")
    site = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
    site["profiles"] = [one for one in site["profiles"] if one["slug"] == "base"]
    site["profiles"].append({**site["profiles"][0], "slug": "training", "display_name": "Training", "gpus": 1})
    site["hub_override"] = {
        "DockerSpawner": {"client_kwargs": {"base_url": f"unix://{folder}/engine.sock"}},
        "SessionSpawner": {"nvidia_folder": str(folder / "listing")},
    }
    site_file = folder / "lifedesk.yaml"
    site_file.write_text(yaml.safe_dump(site))
    with ExitStack() as stack:
        way = stack.enter_context(cut_engine(folder / "engine.sock"))
        yield GpuNode(stack.enter_context(running_node(folder / "state", site_file)), folder / "listing", way)


@pytest.fixture
def person(gpu_node: GpuNode) -> Iterator[Person]:
    with logged_in(gpu_node.node, "researcher") as person:
        yield person


def form_of(person: Person) -> str:
    """What the start form says."""
    return words_of(person.web.get("/hub/spawn").text)


@contextmanager
def container_with(engine: docker.DockerClient, image: str, uuids: str) -> Iterator[None]:
    """A container that was given these GPUs, as an earlier hub notes it."""
    labels = {"eu.lifedesk.gpus": uuids}
    container = engine.containers.run(image, ["sleep", "600"], labels=labels, network_mode="none", detach=True)
    try:
        yield
    finally:
        container.remove(force=True)


def test_without_a_gpu_the_form_and_the_refusal_say_so(gpu_node: GpuNode, person: Person) -> None:
    list_gpus(gpu_node.listing)
    assert "No GPU on this node" in form_of(person)
    field = next(field for field in person.web.get("/hub/spawn").text.split("<input") if 'value="training"' in field)
    assert "disabled" in field.split(">")[0]
    told = person.failed_start(profile="training", size="small")
    assert "No GPU on this node, so Training cannot start. Choose another environment." in told


@pytest.mark.skipif(DRIVER_FOLDER.exists(), reason="this machine has NVIDIA's driver")
def test_status_and_check_say_that_there_is_no_gpu(gpu_node: GpuNode) -> None:
    sentence = "Note: No GPU on this node: sessions of training cannot start here."
    assert sentence in gpu_node.node.command("status").output
    checked = lifedesk("check", gpu_node.listing.parent / "lifedesk.yaml")
    assert (checked.status, checked.output.splitlines()[-1]) == (0, sentence)


def test_the_engine_is_asked_for_the_gpu_that_is_free_and_its_refusal_is_told_in_words(
    gpu_node: GpuNode, person: Person, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    list_gpus(gpu_node.listing, FIRST, SECOND)
    assert "1 GPU: 2 of 2 free" in form_of(person)
    with container_with(docker_engine, image_tags["base"], FIRST):
        assert "1 GPU: 1 of 2 free" in form_of(person)
        told = person.failed_start(profile="training", size="small")
        asked = gpu_node.way.made_containers()[-1]
    assert asked["HostConfig"]["DeviceRequests"] == [
        {"Driver": "", "Count": 0, "DeviceIDs": [SECOND], "Capabilities": [["gpu"]], "Options": {}}
    ]
    assert asked["Labels"]["eu.lifedesk.gpus"] == SECOND
    assert "NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility" in asked["Env"]
    assert "This node's container engine cannot hand a GPU to your session." in told


def test_when_all_are_in_use_the_form_says_so_and_a_start_is_refused(
    gpu_node: GpuNode, person: Person, docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    list_gpus(gpu_node.listing, FIRST, SECOND)
    before = len(gpu_node.way.made_containers())
    with container_with(docker_engine, image_tags["base"], f"{FIRST},{SECOND}"):
        assert "1 GPU: none free now, 2 in use" in form_of(person)
        told = person.failed_start(profile="training", size="small")
    assert "1 GPU: none free now, 2 in use. Try again when another session has ended." in told
    assert len(gpu_node.way.made_containers()) == before


def test_a_session_without_gpus_asks_for_none(gpu_node: GpuNode, person: Person) -> None:
    list_gpus(gpu_node.listing, FIRST)
    person.start_and_wait(profile="base", size="small")
    asked = gpu_node.way.made_containers()[-1]
    assert not asked["HostConfig"].get("DeviceRequests")
    assert not any(variable.startswith("NVIDIA") for variable in asked["Env"])
