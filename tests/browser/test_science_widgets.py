"""What the environments' READMEs show in notebooks is drawn in a real JupyterLab; nothing is fetched from elsewhere."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Route

from tests.desktop.samples import SAMPLES
from tests.support.browser import picture_if_wanted
from tests.support.lab_page import colours, run_cell, wait_for_kernel
from tests.support.samples import samples_folder
from tests.support.session_image import jupyterlab, run_in
from tests.support.waiting import wait_until

IMAGES = Path(__file__).parents[2] / "images"
PATIENCE_MS = 120_000
DESCRIPTOR = """<?xml version="1.0"?>
<archive xmlns="http://rs.tdwg.org/dwc/text/">
  <core rowType="http://rs.tdwg.org/dwc/terms/Occurrence" encoding="UTF-8" fieldsTerminatedBy="\\t"
        linesTerminatedBy="\\n" ignoreHeaderLines="1">
    <files><location>occurrence.txt</location></files>
    <id index="0"/>
    <field index="1" term="http://rs.tdwg.org/dwc/terms/scientificName"/>
    <field index="2" term="http://rs.tdwg.org/dwc/terms/decimalLatitude"/>
    <field index="3" term="http://rs.tdwg.org/dwc/terms/decimalLongitude"/>
  </core>
</archive>
"""
OCCURRENCES = """id\tscientificName\tdecimalLatitude\tdecimalLongitude
1\tLynx lynx\t51.2\t10.4
2\tLynx lynx\t52.0\t21.0
3\tLynx pardinus\t37.0\t-6.5
"""
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
pytestmark = pytest.mark.timeout(600)


def first_example(image: str) -> str:
    """The first block of Python in the README of an image."""
    found = re.search(r"```python\n(.*?)```", (IMAGES / image / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def protein(image: str, folder: Path) -> None:
    shutil.copy(samples_folder() / "pdb/1aki.cif", folder / "protein.cif")


def head(image: str, folder: Path) -> None:
    folder.chmod(0o777)  # written by the session's user
    code = SAMPLES["mricron"].make.replace("head.series", "/made/my-series")
    run_in(image, "python", "-c", code, mounts={str(folder): "/made"})


def archive(image: str, folder: Path) -> None:
    """A Darwin Core Archive of three lynxes. Format: https://dwc.tdwg.org/text/"""
    with zipfile.ZipFile(folder / "archive.zip", "w") as packed:
        packed.writestr("meta.xml", DESCRIPTOR)
        packed.writestr("occurrence.txt", OCCURRENCES)


def share(pixels: Pixels, colour: tuple[int, int, int], within: int = 60) -> float:
    """The share of pixels near `colour`."""
    return float((abs(pixels.astype(int) - colour).max(axis=1) <= within).mean())


def shows_a_green_protein(pixels: Pixels) -> bool:
    green = (pixels[:, 1].astype(int) - pixels[:, 0] > 30) & (pixels[:, 1].astype(int) - pixels[:, 2] > 10)
    return bool(green.mean() > 0.02)


def shows_a_head(pixels: Pixels) -> bool:
    return share(pixels, (0, 0, 0)) > 0.1 and share(pixels, (235, 235, 235)) > 0.005 and len(set(pixels[:, 0])) > 10


def shows_countries_and_records(pixels: Pixels) -> bool:
    return share(pixels, (236, 233, 218), 25) > 0.05 and share(pixels, (193, 18, 31)) > 0.0001


@pytest.mark.parametrize(
    ("image", "prepare", "canvas", "shows"),
    [
        pytest.param("structural", protein, ".msp-plugin canvas", shows_a_green_protein, id="structural"),
        pytest.param("medical", head, ".jp-OutputArea canvas", shows_a_head, id="medical"),
        pytest.param("biodiversity", archive, ".leaflet-container", shows_countries_and_records, id="biodiversity"),
    ],
)
def test_the_readme_s_example_is_drawn_offline(
    image: str, prepare: Callable[[str, Path], None], canvas: str, shows: Callable[[Pixels], bool],
    image_tags: dict[str, str], tmp_path: Path, context: BrowserContext,
) -> None:  # fmt: skip
    tmp_path.parent.chmod(0o755)
    prepare(image_tags[image], tmp_path)
    tmp_path.chmod(0o755)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cell = nbformat.v4.new_code_cell(first_example(image))
    (tmp_path / "example.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell], metadata=kernel)))
    elsewhere: list[str] = []

    def refuse(route: Route) -> None:
        elsewhere.append(route.request.url)
        route.abort()

    with jupyterlab(image_tags[image], tmp_path, tmp_path) as lab:
        context.route(lambda url: not url.startswith((lab.address, "data:", "blob:")), refuse)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(lab.notebook("example.ipynb"))
        wait_for_kernel(page)
        run_cell(page)
        drawn = page.locator(canvas).first
        drawn.wait_for()
        try:
            wait_until(lambda: shows(colours(drawn)), f"the example of {image} is not drawn", 60)
        finally:
            picture_if_wanted(page, f"widget-{image}")
    assert elsewhere == []
