"""What the node has, read from the engine's answers, and what it means for a choice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lifedesk_hub.engines.docker_stock import gpus_taken, versions_in
from lifedesk_hub.engines.nvidia import free_gpus, gpus_in
from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.making import images_being_made, making_images
from lifedesk_hub.offer import start_choices
from lifedesk_hub.profiles import clipboard_directions, decide
from lifedesk_hub.stock import Gpus, ImageVersion, Stock, image_to_start
from tests.support.site import SMALL_SITE, small_site

IMAGES = {"imaging": "lifedesk/imaging:0123456789ab"}
PRESENT = ImageVersion("0123456789ab", IMAGES["imaging"], datetime(2026, 11, 12, tzinfo=UTC), "0.3.0")
OLDER = ImageVersion("3f2a91c07b44", "lifedesk/imaging:3f2a91c07b44", datetime(2026, 9, 3, tzinfo=UTC), "0.2.0")
OLDEST = ImageVersion("aaaaaaaaaaaa", "lifedesk/imaging:aaaaaaaaaaaa", datetime(2026, 1, 3, tzinfo=UTC))
STOCK = Stock({"imaging": (PRESENT, OLDER, OLDEST)})


def imaging_site(**changes: object) -> Any:
    """The small site whose imaging profile is changed."""
    first, *others = SMALL_SITE["profiles"]
    return small_site(profiles=[{**first, **changes}, *others])


def image(*tags: str, name: str = "imaging", **labels: str) -> dict[str, Any]:
    """One image in the engine's list."""
    return {"RepoTags": list(tags), "Created": 1767398400, "Labels": {"eu.lifedesk.image": name, **labels}}


def test_versions_are_read_from_labels_with_the_newest_first() -> None:
    created, release = "org.opencontainers.image.created", "org.opencontainers.image.version"
    answer = [
        image("lifedesk/imaging:aaaaaaaaaaaa"),
        image(IMAGES["imaging"], **{created: "2026-11-12T00:00:00+00:00", release: "0.3.0"}),
        {"RepoTags": None, "Labels": None},
    ]
    assert versions_in(answer, IMAGES) == {"imaging": (PRESENT, OLDEST)}


def test_an_image_of_another_repository_is_no_version_whatever_its_label_says() -> None:
    answer = [image("elsewhere.example/lifedesk/imaging:1"), image("lifedesk/imaging:2", name="base")]
    assert versions_in(answer, IMAGES) == {"imaging": ()}


def started(version: str | None, **profile: object) -> str:
    options = {"version": version} if version else {}
    return image_to_start(decide(imaging_site(**profile), {"imaging"}, options), IMAGES, STOCK)


def test_an_earlier_version_that_is_there_and_offered_is_started() -> None:
    assert started(None) == IMAGES["imaging"]
    assert started("3f2a91c07b44", earlier_versions=True) == OLDER.reference
    assert started("3f2a91c07b44", earlier_versions=["3f2a91c07b44"]) == OLDER.reference


@pytest.mark.parametrize(
    ("offered", "wanted", "sentence"),
    [
        (False, "3f2a91c07b44", "Only its present one is: leave the version out."),
        (["aaaaaaaaaaaa"], "3f2a91c07b44", "Choose one of: aaaaaaaaaaaa, or leave the version out."),
        (True, "gone", "is not on this node. There are: 3f2a91c07b44 (3 September 2026, release 0.2.0); "),
        (["gone"], "gone", "is not on this node. There is only the present one: leave the version out."),
        (True, "../../other", "Version '../../other' of Imaging is not on this node."),
    ],
)
def test_any_other_version_is_refused_with_what_is_there(offered: object, wanted: str, sentence: str) -> None:
    with pytest.raises(ChoiceRefused) as refused:
        started(wanted, earlier_versions=offered)
    assert sentence in str(refused.value)


def test_the_form_offers_what_the_site_allows_and_the_node_has() -> None:
    def tags(**profile: object) -> list[str]:
        [choice] = start_choices(imaging_site(**profile), {"imaging"}, None, IMAGES, STOCK)
        return [version.tag for version in choice.versions]

    assert tags() == []
    assert tags(earlier_versions=True) == ["3f2a91c07b44", "aaaaaaaaaaaa"]
    assert tags(earlier_versions=["aaaaaaaaaaaa", "gone"]) == ["aaaaaaaaaaaa"]


@pytest.mark.parametrize(
    ("stock", "note", "can_start"),
    [
        (Stock({"imaging": (PRESENT,)}), (), True),
        (Stock({}, being_made=frozenset({"imaging"})), ("Being built",), False),
        (Stock({"imaging": (OLDER,)}), ("Its image is not on this node",), False),
        (None, (), True),
    ],
)
def test_the_form_says_when_an_image_is_not_there(stock: Stock | None, note: tuple[str, ...], can_start: bool) -> None:
    [choice] = start_choices(imaging_site(), {"imaging"}, None, IMAGES, stock)
    assert (choice.notes, choice.can_start) == (note, can_start)


@pytest.mark.parametrize(
    ("gpus", "wanted", "words"),
    [
        (Gpus(), 1, "No GPU on this node"),
        (Gpus(2, 2), 4, "4 GPUs: this node has only 2"),
        (Gpus(2, 1), 1, "1 GPU: 1 of 2 free"),
        (Gpus(2, 0), 1, "1 GPU: none free now, 2 in use"),
        (Gpus(4, 1), 2, "2 GPUs: only 1 of 4 free now"),
    ],
)
def test_gpus_in_words(gpus: Gpus, wanted: int, words: str) -> None:
    assert gpus.words(wanted) == words


def test_a_gpu_is_taken_by_containers_that_run_and_shared_only_if_the_site_says_so() -> None:
    answer = [
        {"State": "running", "Labels": {"eu.lifedesk.gpus": "GPU-a,GPU-b"}},
        {"State": "paused", "Labels": {"eu.lifedesk.gpus": "GPU-b"}},
        {"State": "exited", "Labels": {"eu.lifedesk.gpus": "GPU-c"}},
        {"State": "running", "Labels": {"eu.lifedesk.gpus": ""}},
    ]
    taken = list(gpus_taken(answer))
    assert taken == ["GPU-a", "GPU-b", "GPU-b"]
    there = ("GPU-a", "GPU-b", "GPU-c")
    assert free_gpus(there, taken, 1) == ["GPU-c"]
    assert free_gpus(there, taken, 2) == ["GPU-c", "GPU-a"]


def test_gpus_are_listed_by_their_uuids_and_one_that_has_not_told_it_is_left_out(tmp_path: Path) -> None:
    for bus, uuid in (("0000:65:00.0", "GPU-b"), ("0000:17:00.0", "GPU-a"), ("0000:99:00.0", "GPU-????????")):
        (tmp_path / bus).mkdir()
        (tmp_path / bus / "information").write_text(f"Model: \t NVIDIA\nGPU UUID: \t {uuid}\nBus Location: {bus}\n")
    assert gpus_in(tmp_path) == ("GPU-a", "GPU-b")
    assert gpus_in(tmp_path / "nothing") == ()


@pytest.mark.parametrize(
    ("node", "profile", "directions"),
    [
        ({}, {}, "in,out"),
        ({"out": False}, {}, "in"),
        ({"out": False}, {"in": False}, ""),
        ({"in": False, "out": False}, {"out": True}, "out"),
        ({}, {"out": False}, "in"),
    ],
)
def test_a_profile_changes_the_directions_of_the_clipboard_that_it_names(
    node: dict[str, bool], profile: dict[str, bool], directions: str
) -> None:
    first, *others = SMALL_SITE["profiles"]
    changed = {**first, "desktop": {"clipboard": profile}}
    site = small_site(desktop={"clipboard": node}, profiles=[changed, *others])
    assert clipboard_directions(site, site.profiles[0]) == directions


def test_images_are_being_made_for_as_long_as_somebody_makes_them(tmp_path: Path) -> None:
    assert images_being_made(tmp_path) == frozenset()
    with making_images(tmp_path, ["imaging", "base"]):
        assert images_being_made(tmp_path) == {"base", "imaging"}
    assert images_being_made(tmp_path) == frozenset()


def test_an_interface_that_is_not_offered_is_refused_and_the_first_is_the_usual_one() -> None:
    site = imaging_site(interfaces=["desktop", "lab"])
    assert decide(site, {"imaging"}, {}).interface == "desktop"
    assert decide(site, {"imaging"}, {"interface": "lab"}).interface == "lab"
    with pytest.raises(ChoiceRefused, match=r"Interface 'desktop' is not offered for imaging\. Choose one of: lab\."):
        decide(imaging_site(), {"imaging"}, {"interface": "desktop"})
