"""Every program of every image opens a fitting sample in its desktop, and the picture is not blank."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest
import yaml
from playwright.sync_api import BrowserContext

from tests.desktop.desk import open_desk, running_session
from tests.desktop.samples import SAMPLES
from tests.desktop.shown import prepare, until_shown
from tests.images import session
from tests.support.browser import picture_if_wanted

IMAGES = Path(__file__).parents[2] / "images"
PROGRAMS = [
    pytest.param(file.parent.name, app["slug"], id=f"{file.parent.name}-{app['slug']}")
    for file in sorted(IMAGES.glob("*/apps.yaml"))
    for app in yaml.safe_load(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("image", "slug"), PROGRAMS)
def test_every_program_shows_its_sample(
    image: str, slug: str, docker_engine: docker.DockerClient, hub: session.Hub, image_tags: dict[str, str], home: str,
    context: BrowserContext,
) -> None:  # fmt: skip
    assert slug in SAMPLES, f"give the program {slug!r} of the image {image!r} a sample in tests/desktop/samples.py"
    sample = SAMPLES[slug]
    with running_session(docker_engine, image_tags[image], hub, home, mem_limit="4g") as server:
        prepare(server, sample)
        desk = open_desk(server, context)
        empty = desk.until_painted()
        desk.open(slug, sample.path)
        try:
            until_shown(desk, sample, empty)
        finally:
            picture_if_wanted(desk.page, f"app-{image}-{slug}")
        assert server.get("/lifedesk/api/notices").json() == []
