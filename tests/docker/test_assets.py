"""JupyterLab's own files, taken out of real images."""

from __future__ import annotations

import gzip
from pathlib import Path

import docker

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.node import assets
from tests.support.site import a_deployment


def collected(engine: docker.DockerClient, deployment: Deployment) -> dict[str, bytes]:
    """What is there after it was made for that deployment."""
    assert assets.collect(engine, deployment, lambda text: None)
    assert assets.are_current(deployment)
    assert not assets.collect(engine, deployment, lambda text: None)
    copy = deployment.state / "assets" / "current"
    assert [path.name for path in copy.parent.iterdir() if not path.is_symlink()] == [copy.readlink().name]
    return {str(path.relative_to(copy)): path.read_bytes() for path in copy.rglob("*") if path.is_file()}


def test_the_files_of_all_images_are_there_once_and_compressed(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tmp_path: Path
) -> None:
    base = collected(docker_engine, a_deployment(tmp_path, images={"base": image_tags["base"]}))
    assert [name for name in base if name.startswith("lab/jlab_core.") and name.endswith(".js")]
    assert [name for name in base if name.startswith("extensions/@jupyter-widgets/jupyterlab-manager/static/")]
    packed = {name: content for name, content in base.items() if name.endswith(".gz")}
    assert all(gzip.decompress(content) == base[name.removesuffix(".gz")] for name, content in packed.items())
    whole = sum(len(base[name.removesuffix(".gz")]) for name in packed)
    assert sum(map(len, packed.values())) < 0.4 * whole

    both = {name: image_tags[name] for name in ("base", "imaging")}
    assert base.items() <= collected(docker_engine, a_deployment(tmp_path, images=both)).items()
    assert collected(docker_engine, a_deployment(tmp_path, images={"base": image_tags["base"]})) == base


def test_no_container_is_left_by_it_not_even_by_one_that_was_killed(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tmp_path: Path
) -> None:
    deployment = a_deployment(tmp_path, name="ldtest-assets", images={"base": image_tags["base"]})
    label = {"eu.lifedesk.assets": deployment.name}
    docker_engine.containers.create(image_tags["base"], labels=label)
    collected(docker_engine, deployment)
    assert docker_engine.containers.list(all=True, filters={"label": "=".join(*label.items())}) == []


def test_what_a_first_visit_loads_is_known_by_its_address(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tmp_path: Path
) -> None:
    deployment = a_deployment(tmp_path, images={"base": image_tags["base"]})
    assert assets.first_files(deployment) == ()
    files = collected(docker_engine, deployment)
    first = assets.first_files(deployment)
    assert first[0].startswith("static/lab/jlab_core.")
    assert any(address.startswith("static/lab/main.") for address in first)
    assert any("/remoteEntry." in address for address in first)
    paths = [
        address.partition("?")[0].replace("static/lab/", "lab/").replace("lab/extensions/", "extensions/")
        for address in first
    ]
    assert set(paths) <= set(files)
    assert sum(len(files[f"{path}.gz"]) for path in paths if f"{path}.gz" in files) < 2_000_000
