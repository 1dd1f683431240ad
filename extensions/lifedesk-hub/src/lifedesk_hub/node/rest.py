"""What a node makes of its images: first those its hub waits for, then, while people use it, the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docker

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError
from lifedesk_hub.making import making_images
from lifedesk_hub.node import assets, demo, images
from lifedesk_hub.node.image_check import look_at
from lifedesk_hub.node.steps import Steps
from lifedesk_hub.site import Site


@dataclass(frozen=True)
class Sources:
    """Where images come from beside the repository's recipes."""

    archive: Path | None
    """Folder of saved images."""
    added: Path | None
    """Folder of the images that the site adds."""


def make(site: Site, deployment: Deployment, sources: Sources, client: docker.DockerClient, steps: Steps) -> None:
    """Make the images that the hub was started without. Raises `NodeError` that names those that cannot be made."""
    there = images.present(client, deployment.images)
    missing = [name for name in images.images_of(site, sources.added) if name not in there]
    elsewhere = images.images_from_elsewhere(site, sources.added)
    if not (missing or elsewhere):
        return
    with steps.step("Further environments") as step, making_images(deployment.state, [*missing, *elsewhere]):
        if missing:
            step.say(f"{deployment.url} is open. Being made meanwhile: {', '.join(missing)}")
        made, faults = images.make_each(missing, sources.archive, step.note, sources.added)
        gone = images.fetch(elsewhere, client, step.note)
        unfit, _ = look_at(client, elsewhere)
        outcome = f"made {', '.join(made)}" if made else "there"
        if gone:
            outcome += f"; not to be had, their sessions will not start: {', '.join(gone)}"
        step.outcome = "; ".join([outcome, *unfit])
    if made:
        with steps.step("JupyterLab's files") as step:
            collect_assets(deployment, client, step.note)
        write_demo_data(site, deployment, client, steps)
    if faults:
        raise NodeError("\n".join([*faults, f"The node runs without: {deployment.url}. Try again with ./lifedesk up"]))


def collect_assets(deployment: Deployment, client: docker.DockerClient, note: Callable[[str], None]) -> bool:
    """Take JupyterLab's files out of the images that are there; whether there was anything new."""
    here = images.present(client, deployment.images)
    return assets.collect(client, deployment.model_copy(update={"images": here}), note)


def write_demo_data(site: Site, deployment: Deployment, client: docker.DockerClient, steps: Steps) -> None:
    """Make the demo data sets, where the site has none of its own, in the best image that is there."""
    if site.archives.site is None or site.archives.site.path is not None or deployment.site_archive is None:
        return
    with steps.step("Demo data sets") as step:
        here = images.present(client, deployment.images)
        step.outcome = "made" if demo.prepare_data_sets(client, here, deployment.site_archive) else "there"
