"""The images keep to the sizes of images/budget.toml, and the table in images/README.md tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import docker
import pytest

from images import engine, layers, listing
from images.plan import read_images
from tests.images.session import ROOT


@pytest.mark.parametrize("name", list(read_images(ROOT)))
def test_an_image_keeps_to_its_budget(name: str, image_tags: dict[str, str]) -> None:
    budgets = listing.read_budgets(ROOT)
    assert name in budgets, f"images/budget.toml has no limit for {name}"
    built = engine.find_image(engine.find_docker(), image_tags[name])
    assert built is not None
    assert built.size_bytes <= budgets[name].limit_bytes, f"{name} has {built.size_bytes / 1e6:.0f} MB"


@pytest.mark.parametrize("name", list(read_images(ROOT)))
def test_the_table_in_the_readme_is_at_most_three_percent_off(name: str, image_tags: dict[str, str]) -> None:
    row = re.search(rf"(?m)^\| `{name}` \| ([\d,]+) MB ", (ROOT / "images/README.md").read_text(encoding="utf-8"))
    assert row is not None, "run images/build.py list --write"
    built = engine.find_image(engine.find_docker(), image_tags[name])
    assert built is not None
    assert int(row[1].replace(",", "")) == pytest.approx(built.size_bytes / 1e6, rel=0.03)


def test_the_layers_of_an_image_add_up_to_its_size(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tmp_path: Path
) -> None:
    cache = tmp_path / "layers.json"
    measured = layers.measure(engine.find_docker(), image_tags["base"], cache)
    size = docker_engine.images.get(image_tags["base"]).attrs["Size"]
    assert sum(layer.uncompressed_bytes for layer in measured) == pytest.approx(size, rel=0.001)
    assert 0.25 < sum(layer.compressed_bytes for layer in measured) / size < 0.6
    assert any("install-python base" in layer.made_by for layer in measured)
    assert list(layers.read_known(cache).values()) == measured


def test_no_file_of_an_image_is_twice_in_its_layers(
    docker_engine: docker.DockerClient, image_tags: dict[str, str]
) -> None:
    """What a layer writes over is in the image twice: none may be, but for a few lists that each step extends."""
    tag = image_tags["imaging"]
    listed = "find / -xdev -type f -printf '%s\\n' | awk '{s += $1} END {print s}'"
    seen = int(
        docker_engine.containers.run(tag, ["sh", "-c", listed], user="0", network_mode="none", remove=True).decode()
    )
    assert docker_engine.images.get(tag).attrs["Size"] - seen < 60_000_000
