"""The story once more on real input: an OME-Zarr and an mmCIF that somebody put on the site's disk without a word
about them, and real records of the BioImage Archive, from a server that fails in real ways."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import numpy as np
import pytest
import tifffile
import yaml
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.archive_server import ArchiveServer, running
from tests.support.browser import grave_violations, picture_if_wanted
from tests.support.lab_page import WIDGET, colours, log_in, run_cell, wait_for_kernel
from tests.support.node import REPOSITORY, Node, Person, logged_in, running_node
from tests.support.samples import samples_folder

pytestmark = pytest.mark.timeout(600)
PATIENCE_MS = 60_000
NOTEBOOK = ("first-steps", "01_first_steps.ipynb")
STUDY = "S-BIAD1492"
OWN_FILE = "phantom.ome.tif"
LYSOZYME = "THE STRUCTURE OF THE ORTHORHOMBIC FORM OF HEN EGG-WHITE LYSOZYME AT 1.5 ANGSTROMS RESOLUTION"


@dataclass(frozen=True)
class Fed:
    """A node that is fed with real data, and the archive it asks."""

    node: Node
    archive: ArchiveServer


def write_site(samples: Path, folder: Path) -> None:
    """Data as people drop it: bare, and some of it damaged."""
    shutil.copytree(samples / "ome-ngff" / "simple_0.5.zarr", folder / "simple_0.5.zarr")
    shutil.copytree(samples / "ome-ngff" / "hcs.ome.zarr", folder / "hcs.ome.zarr")
    shutil.copy(samples / "pdb" / "1aki.cif", folder)
    whole = (samples / "pdb" / "1aki.cif").read_bytes()
    (folder / "cut.cif").write_bytes(whole[: len(whole) // 2])
    shutil.copytree(samples / "rocrate" / "bia-typical", folder / "cut-description")
    crate = folder / "cut-description" / "ro-crate-metadata.json"
    crate.chmod(0o644)
    crate.write_bytes(crate.read_bytes()[:500])


def write_archive(samples: Path, folder: Path) -> None:
    """Real page tabs and a real file list; of the files themselves, one of our own, which a second list names."""
    for record in (samples / "biostudies").glob("S-*.json"):
        if "_override" not in record.name:
            shutil.copy(record, folder)
    (folder / "lists" / STUDY).mkdir(parents=True)
    real_list = samples / "biostudies" / f"{STUDY}-file-list-images.json"
    shutil.copy(real_list, folder / "lists" / STUDY / "bbc024_images.json")
    (folder / "data" / STUDY).mkdir(parents=True)
    rows, columns = np.mgrid[:1600, :1600]
    phantom = np.random.default_rng(1).poisson(400 + 300 * np.sin(rows / 90) * np.sin(columns / 120))
    tifffile.imwrite(folder / "data" / STUDY / OWN_FILE, phantom.astype(np.uint16), ome=True)


@contextmanager
def address_of_this_machine(engine: docker.DockerClient) -> Iterator[str]:
    """An address where sessions reach this machine, if the site allows it: that of a bridge made for the purpose."""
    bridge = engine.networks.create(f"ldtest-{uuid.uuid4().hex[:12]}", driver="bridge")
    try:
        bridge.reload()
        yield str(bridge.attrs["IPAM"]["Config"][0]["Gateway"])
    finally:
        bridge.remove()


@pytest.fixture(scope="module")
def fed(
    docker_engine: docker.DockerClient, image_tags: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fed]:
    samples = samples_folder()
    folder = tmp_path_factory.mktemp("real-data")
    folder.chmod(0o755)
    for name in ("site", "archive"):
        (folder / name).mkdir(mode=0o755)
    write_site(samples, folder / "site")
    write_archive(samples, folder / "archive")
    with address_of_this_machine(docker_engine) as address, running(folder / "archive", host=address) as archive:
        site = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
        site["archives"] = {
            "site": {"path": str(folder / "site")},
            "bioimage-archive": {"base_url": archive.base_url},
        }
        site["network"]["allow"] = [f"{address}:{archive.port}"]
        (folder / "lifedesk.yaml").write_text(yaml.safe_dump(site))
        with running_node(folder / "state", folder / "lifedesk.yaml") as node:
            yield Fed(node, archive)


@pytest.fixture
def researcher(fed: Fed) -> Iterator[Person]:
    """The researcher, scripted, to look into their session; it ends with the test, and what was pulled goes."""
    with logged_in(fed.node, "researcher") as person:
        yield person
        if person.has_session:
            person.run("rm", "-rf", "/home/jovyan/data")


@pytest.fixture
def page(fed: Fed, context: BrowserContext) -> Page:
    """The catalogue browser in a session that was just started, with the site's data listed."""
    page = context.new_page()
    page.set_viewport_size({"width": 1680, "height": 1300})  # wide enough for list and details side by side
    page.set_default_timeout(PATIENCE_MS)
    log_in(page, fed.node, "researcher")
    page.get_by_role("radio", name="Imaging", exact=True).check()
    page.get_by_role("radio", name="Small", exact=True).check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/lab**")
    for name in NOTEBOOK:
        page.locator(".jp-DirListing-item", has_text=name).dblclick()
    wait_for_kernel(page)
    run_cell(page)
    page.locator(f"{WIDGET} .ld-result").first.wait_for()
    return page


def search(page: Page, words: str) -> None:
    page.locator(f"{WIDGET} input[name=query]").fill(words)
    page.keyboard.press("Enter")
    page.locator(".ld-summary", has_text=f"“{words}”").wait_for()


def choose(page: Page, key: str) -> None:
    """Click the result with this key and wait for its files."""
    page.locator(f'.ld-title[data-value="{key}"]').click()
    page.locator(f'.ld-details[data-key="details {key}"] .ld-pull button').first.wait_for()


def button(page: Page, text: str) -> Locator:
    return page.locator(".ld-pull").get_by_role("button", name=text, exact=True)


def test_real_data_on_the_sites_disk_is_found_and_drawn(page: Page, researcher: Person) -> None:
    titles = page.locator(".ld-title").all_inner_texts()
    assert titles == [LYSOZYME, LYSOZYME, "hcs", "simple_0.5"]  # 1aki.cif and cut.cif, whose first half has the title
    expect(page.locator(".ld-result .ld-badge", has_text="licence not stated")).to_have_count(4)
    notice = page.locator(".ld-notices").inner_text()
    assert "'cut-description' is left out: ro-crate-metadata.json: it is not an RO-Crate metadata document" in notice
    picture_if_wanted(page, "real-1-site")

    choose(page, "site/simple_0.5.zarr")
    button(page, "Open in place").click()
    drawn = page.locator("img.ld-picture")
    drawn.wait_for()
    assert len(np.unique(colours(drawn)[:, 0])) > 20, "the ramp of this picture is not drawn"
    assert "10 high by 10 wide, uint16" in page.locator(".ld-opened").inner_text()
    box = drawn.bounding_box()
    assert box is not None
    assert 200 < box["width"] == box["height"], "a picture of 10 by 10 pixels is shown too small, or stretched"
    picture_if_wanted(page, "real-2-zarr")

    choose(page, "site/1aki.cif")
    button(page, "Pull").click()
    button(page, "Open").click()
    page.locator(".ld-opened", has_text="atoms").wait_for()
    backbone = (colours(drawn).max(axis=1) > 100).mean()
    assert 0.01 < backbone < 0.6, "no backbone is drawn"
    assert LYSOZYME in page.locator(".ld-opened").inner_text()
    crate = json.loads(researcher.run("cat", "/home/jovyan/data/site/1aki.cif/ro-crate-metadata.json"))
    assert any(entity["@id"] == "1aki.cif" and len(entity["sha256"]) == 64 for entity in crate["@graph"])
    assert grave_violations(page, WIDGET) == []
    picture_if_wanted(page, "real-3-structure")

    choose(page, "site/cut.cif")
    button(page, "Open in place").click()
    expect(page.locator(".ld-details .ld-problem")).to_contain_text("'cut.cif'")
    picture_if_wanted(page, "real-4-cut")
    choose(page, "site/hcs.ome.zarr")
    button(page, "Open in place").click()
    page.get_by_role("group", name="What to open").get_by_role("button", name="B/2/1").click()
    page.locator(".ld-opened", has_text="64 high by 64 wide, uint8").wait_for()
    assert len(np.unique(colours(drawn)[:, 0])) > 20, "the image of the plate is not drawn"
    picture_if_wanted(page, "real-5-plate")


def test_real_records_are_searched_and_a_failing_archive_is_told_and_resumed(
    page: Page, fed: Fed, researcher: Person
) -> None:
    archive = fed.archive
    search(page, "nucleus")
    accessions = {
        str(value) for value in page.locator(".ld-title").evaluate_all("all => all.map(e => e.dataset.value)")
    }
    assert f"bioimage-archive/{STUDY}" in accessions
    expect(page.locator(".ld-result .ld-badge", has_text="licence: see the details")).to_have_count(len(accessions))
    picture_if_wanted(page, "real-6-search")
    choose(page, f"bioimage-archive/{STUDY}")
    details = page.locator(".ld-details")
    expect(details.locator(".ld-badge")).to_have_text("Licence CC-BY-3.0")
    said = details.inner_text()
    assert "David Svoboda, Michal Kozubek, Stanislav Stejskal and 2 more" in said
    assert "https://doi.org/10.1101/2023.12.07.570699" in said
    assert "BBBC024/BBBC024_v1_c75_lowSNR_images_TIFF/image-final_0012.tif" in said
    assert not re.search(r"\w@\w", page.locator(WIDGET).inner_text()), "an e-mail address is shown"

    details.get_by_role("button", name="None", exact=True).click()
    expect(details.locator(".ld-files")).to_contain_text("0 of 8 files")
    details.locator("input[type=search]").fill(OWN_FILE)
    details.locator(f'.ld-file input[data-value="{OWN_FILE}"]').check()
    expect(details.locator(".ld-files")).to_contain_text("1 of 8 files")
    archive.fault("cut", f"/Files/{OWN_FILE}", after_bytes=3_500_000)
    archive.fault("status", f"/Files/{OWN_FILE}", status=503, retry_after="3600", times=0)
    button(page, "Pull").click()
    problem = details.locator(".ld-problem")
    expect(problem).to_contain_text("What arrived is kept; pull again later to continue.", timeout=PATIENCE_MS)
    picture_if_wanted(page, "real-7-interrupted")
    archive.faults.clear()
    asked_before = len(archive.asked(OWN_FILE))
    button(page, "Resume pull").click()
    button(page, "Open").click()
    drawn = page.locator("img.ld-picture")
    drawn.wait_for()
    assert colours(drawn).std() > 20, "the picture is blank"
    resumed = archive.asked(OWN_FILE)[asked_before]
    assert resumed.range is not None, "the pull began anew"
    assert int(resumed.range.removeprefix("bytes=").split("-")[0]) > 1_000_000
    digest = researcher.run("sha256sum", f"/home/jovyan/data/bioimage-archive/{STUDY}/{OWN_FILE}").split()[0]
    crate = json.loads(researcher.run("cat", f"/home/jovyan/data/bioimage-archive/{STUDY}/ro-crate-metadata.json"))
    assert next(entity["sha256"] for entity in crate["@graph"] if entity["@id"] == OWN_FILE) == digest
    picture_if_wanted(page, "real-8-resumed")

    archive.fault("html", "/search", times=0)
    search(page, "lysozyme")
    expect(page.locator(".ld-notices")).to_contain_text("sent a web page where data was expected")
    assert page.locator(".ld-title").all_inner_texts() == [LYSOZYME] * 2
    archive.faults.clear()
    archive.fault("hang", "/search", times=0)
    search(page, "hen")
    expect(page.locator(".ld-notices")).to_contain_text("did not answer within 20 s", timeout=PATIENCE_MS)
    assert page.locator(".ld-title").all_inner_texts() == [LYSOZYME] * 2
    picture_if_wanted(page, "real-9-silent")
