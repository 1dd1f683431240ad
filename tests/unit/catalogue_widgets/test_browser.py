"""The browser against real archives: what its traits hold after what a view sends."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import gemmi
import numpy as np
import pytest
from PIL import Image as Picture

from lifedesk_catalogue import Image, browse
from lifedesk_catalogue.errors import UnknownArchive
from lifedesk_catalogue.widgets.browser import STATIC
from tests.support.archive_server import ArchiveServer
from tests.unit.catalogue_widgets.conftest import BIG_FILE, View

OpenBrowser = Callable[..., View]


def pixels(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Picture.open(io.BytesIO(png)))


def select(view: View, key: str) -> None:
    view.wait("found_view", lambda found: not found["is_searching"], "the search did not end")
    view.send("select", key=key)
    view.wait("details_view", lambda shown: shown["files"] or shown["problem"], "the files were not listed")


def pulled(view: View, key: str) -> None:
    select(view, key)
    view.send("pull")
    view.wait("pull_view", lambda shown: shown["state"] == "complete", "the pull did not end")


def test_the_sites_own_data_is_listed_before_anybody_searches(open_browser: OpenBrowser) -> None:
    view = open_browser()
    found = view.wait("found_view", lambda found: len(found["results"]) >= 3, "the list stayed empty")
    cells = next(row for row in found["results"] if row["accession"] == "demo-cells-3d")
    assert cells["licence"]["text"] == "CC0-1.0"
    assert cells["size"].endswith("MB")


def test_a_search_finds_what_it_asks_for_and_says_when_there_is_nothing(open_browser: OpenBrowser) -> None:
    view = open_browser("coiled")
    found = view.wait("found_view", lambda found: not found["is_searching"], "the search did not end")
    assert [row["accession"] for row in found["results"]] == ["demo-coiled-coil"]
    view.send("search", query="zebrafish", archives=["site"])
    found = view.wait("found_view", lambda found: found["query"] == "zebrafish" and not found["is_searching"], "no end")
    assert found["results"] == []
    assert found["summary"] == "No data set found for “zebrafish” in This site. Try fewer or other words."


def test_every_message_is_answered_so_that_a_view_knows_the_kernel_is_there(open_browser: OpenBrowser) -> None:
    view = open_browser()
    view.send("ping")
    view.send("nonsense")
    assert [message["id"] for message in view.received("ack")] == [1, 2]


def test_a_broken_archive_is_named_and_the_others_results_stand(open_browser: OpenBrowser) -> None:
    view = open_browser("cells", **{"bioimage-archive": {"base_url": "http://127.0.0.1:9/api/v1"}})
    found = view.wait("found_view", lambda found: found["results"] and found["notices"], "no results or no notice")
    assert [notice["archive"] for notice in found["notices"]] == ["BioImage Archive"]
    assert "127.0.0.1" in found["notices"][0]["message"]


def test_an_unknown_archive_is_refused_in_words(open_browser: OpenBrowser) -> None:
    open_browser()
    with pytest.raises(UnknownArchive, match="No archive 'atlantis' is set up here"):
        browse(archives=["atlantis"])


def test_thumbnails_of_the_sites_data_are_computed_from_the_pixels(open_browser: OpenBrowser) -> None:
    view = open_browser()
    view.wait("found_view", lambda found: found["results"], "the list stayed empty")
    view.send("thumbnail", key="site/demo-cells-3d")
    view.wait("found_view", lambda _: view.received("thumbnail"), "no thumbnail came")
    (message,) = view.received("thumbnail")
    assert "reason" not in message
    picture = pixels(message["buffers"][0])
    assert max(picture.shape) <= 200
    assert picture.std() > 5, "the thumbnail is blank"


def test_a_missing_thumbnail_gives_its_reason(open_browser: OpenBrowser, archive_server: ArchiveServer) -> None:
    view = open_browser("S-BIAD1", **{"bioimage-archive": {"base_url": archive_server.base_url}})
    view.wait("found_view", lambda found: found["results"], "the list stayed empty")
    view.send("thumbnail", key="bioimage-archive/S-BIAD1")
    view.wait("found_view", lambda _: view.received("thumbnail"), "no answer came")
    assert view.received("thumbnail")[0]["reason"] == "The archive has no thumbnail of this data set."


def test_selecting_shows_files_citation_and_room(open_browser: OpenBrowser) -> None:
    view = open_browser()
    select(view, "site/demo-mitosis-timelapse")
    details = view.widget.details_view
    assert details is not None
    assert "mitosis.ome.tiff" in [row["name"] for row in details["files"]["rows"]]
    assert details["citation"].startswith("Lifedesk contributors (2026).")
    assert details["files"]["room"].endswith("free")
    assert view.widget.dataset is not None
    assert view.widget.dataset.accession == "demo-mitosis-timelapse"


def test_choosing_and_filtering_files_changes_what_is_pulled(open_browser: OpenBrowser, home: Path) -> None:
    view = open_browser()
    select(view, "site/demo-mitosis-timelapse")
    view.send("choose-listed", is_chosen=False)
    assert not view.widget.details_view["files"]["can_pull"]
    view.send("filter", text="tiff")
    view.send("choose-listed", is_chosen=True)
    view.send("pull")
    view.wait("pull_view", lambda shown: shown["state"] == "complete", "the pull did not end")
    folder = home / "data" / "site" / "demo-mitosis-timelapse"
    assert [path.name for path in folder.rglob("*.tiff")] == ["mitosis.ome.tiff"]
    assert not (folder / "source-ro-crate-metadata.json").exists()


def test_a_pull_ends_with_the_folder_and_how_it_was_checked(open_browser: OpenBrowser, home: Path) -> None:
    view = open_browser()
    pulled(view, "site/demo-coiled-coil")
    shown = view.widget.pull_view
    assert view.widget.path == home / "data" / "site" / "demo-coiled-coil"
    assert shown["folder"] == str(view.widget.path)
    assert shown["lines"][0].startswith("2 files ")
    assert (view.widget.path / "coiled-coil.cif").is_file()


def test_what_an_earlier_pull_brought_is_recognised(open_browser: OpenBrowser) -> None:
    first = open_browser()
    pulled(first, "site/demo-coiled-coil")
    second = open_browser()
    select(second, "site/demo-coiled-coil")
    shown = second.wait("pull_view", lambda shown: shown["state"] == "complete", "the earlier pull was not found")
    assert shown["headline"] == "Everything was here already."
    assert second.widget.path == first.widget.path


def test_pulling_while_an_earlier_pull_is_being_recognised_is_no_conflict(open_browser: OpenBrowser) -> None:
    pulled(open_browser(), "site/demo-cells-3d")
    second = open_browser()
    select(second, "site/demo-cells-3d")
    second.send("pull")
    shown = second.wait("pull_view", lambda shown: shown["state"] in ("complete", "failed"), "the pull did not end")
    assert shown["headline"] == "Everything was here already."


def test_a_pull_can_be_cancelled_and_resumed(
    open_browser: OpenBrowser, archive_server: ArchiveServer, home: Path
) -> None:
    archive_server.fault("drip", "big.bin", bytes_per_second=3_000_000)
    view = open_browser("S-BIAD1", **{"bioimage-archive": {"base_url": archive_server.base_url}})
    select(view, "bioimage-archive/S-BIAD1")
    assert view.widget.details_view["licence"]["state"] == "not-stated"
    view.send("pull")
    view.wait("pull_view", lambda shown: (shown["fraction"] or 0) > 0.4, "too little arrived")
    assert view.widget.pull_view["is_running"]
    view.send("cancel")
    stopped = view.wait("pull_view", lambda shown: shown["state"] == "cancelled", "it did not stop")
    assert stopped["action"] == "Resume pull"
    folder = home / "data" / "bioimage-archive" / "S-BIAD1"
    assert not (folder / "big.bin").exists()
    view.send("pull")
    view.wait("pull_view", lambda shown: shown["state"] == "complete", "the resumed pull did not end")
    assert (folder / "big.bin").read_bytes() == BIG_FILE
    assert any(request.range for request in archive_server.asked("big.bin")), "it began anew instead of resuming"


def test_a_cut_transfer_says_why_and_can_be_resumed(
    open_browser: OpenBrowser, archive_server: ArchiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_server.fault("status", "big.bin", status=403)
    view = open_browser("S-BIAD1", **{"bioimage-archive": {"base_url": archive_server.base_url}})
    select(view, "bioimage-archive/S-BIAD1")
    view.send("pull")
    failed = view.wait("pull_view", lambda shown: shown["is_problem"], "the failure was not shown")
    assert "403" in failed["headline"]
    view.send("pull")
    view.wait("pull_view", lambda shown: shown["state"] == "complete", "the second pull did not end")


def test_an_archive_that_fails_after_the_search_is_told_in_the_details(
    open_browser: OpenBrowser, archive_server: ArchiveServer
) -> None:
    view = open_browser("bold", **{"bioimage-archive": {"base_url": archive_server.base_url}})
    view.wait("found_view", lambda found: not found["is_searching"] and found["results"], "the list stayed empty")
    archive_server.fault("html", "S-BIAD1", times=0)
    select(view, "bioimage-archive/S-BIAD1")
    assert "web page" in view.widget.details_view["problem"]


def test_opening_draws_a_picture_with_legend_caption_and_code(open_browser: OpenBrowser) -> None:
    view = open_browser()
    select(view, "site/demo-cells-3d")
    view.send("open", path=None)
    opened = view.wait("opened_view", lambda shown: shown["headline"] or shown["problem"], "nothing was opened")
    assert opened["problem"] == ""
    assert [channel["name"] for channel in opened["legend"]] == ["Nuclei (DNA)", "Actin", "Mitochondria"]
    assert opened["caption"][0] == "3 channels by 20 slices by 320 high by 320 wide, uint16"
    assert "x 64 µm (0.2 µm each)" in opened["caption"][1]
    assert 'get("demo-cells-3d", "site")' in opened["code"]
    assert pixels(view.widget.picture).std() > 10, "the picture is blank"
    assert isinstance(view.widget.image, Image)


def test_the_shown_code_opens_the_same_thing(open_browser: OpenBrowser) -> None:
    view = open_browser()
    pulled(view, "site/demo-cells-3d")
    view.send("open", path=None)
    opened = view.wait("opened_view", lambda shown: shown["headline"] or shown["problem"], "nothing was opened")
    assert str(view.widget.path) in opened["code"]
    names: dict[str, object] = {}
    exec(opened["code"], names)
    image = names["image"]
    assert isinstance(image, Image)
    assert isinstance(view.widget.image, Image)
    assert image.shape == view.widget.image.shape


def test_opening_a_structure_shows_its_chains(open_browser: OpenBrowser) -> None:
    view = open_browser()
    pulled(view, "site/demo-coiled-coil")
    view.send("open", path=None)
    opened = view.wait("opened_view", lambda shown: shown["headline"] or shown["problem"], "nothing was opened")
    assert opened["caption"][-1].startswith("2 chains (A, B), 42 residues")
    assert isinstance(view.widget.image, gemmi.Structure)


def test_what_was_opened_in_place_during_a_pull_stays_when_the_pull_ends(open_browser: OpenBrowser) -> None:
    view = open_browser()
    select(view, "site/demo-cells-3d")
    view.send("pull")
    view.send("open", path=None)
    view.wait("pull_view", lambda shown: shown["state"] == "complete", "the pull did not end")
    opened = view.wait("opened_view", lambda shown: shown["headline"] or shown["problem"], "nothing was opened")
    assert opened["problem"] == ""
    assert pixels(view.widget.picture).std() > 10


def test_a_result_clicked_before_a_new_search_has_answered_is_opened_and_stays(
    open_browser: OpenBrowser, archive_server: ArchiveServer
) -> None:
    view = open_browser(**{"bioimage-archive": {"base_url": archive_server.base_url}})
    view.wait("found_view", lambda found: len(found["results"]) >= 3 and not found["is_searching"], "no list")
    archive_server.fault("drip", "/search", bytes_per_second=400)
    view.send("search", query="bold", archives=["bioimage-archive"])
    view.send("select", key="site/demo-coiled-coil")
    assert view.widget.details_view["key"] == "site/demo-coiled-coil"
    found = view.wait("found_view", lambda found: not found["is_searching"], "the search did not end")
    assert [row["accession"] for row in found["results"]] == ["S-BIAD1"]
    shown = view.wait("details_view", lambda shown: shown["files"], "the files were not listed")
    assert shown["key"] == "site/demo-coiled-coil"


def test_two_things_in_one_folder_are_offered_to_choose_from(
    open_browser: OpenBrowser, archive_server: ArchiveServer
) -> None:
    data = archive_server.data("S-BIAD1")
    (data / "big.bin").unlink()
    for name in ("one.cif", "two.cif"):
        (data / name).write_text(gemmi.Structure().make_mmcif_document().as_string())
    view = open_browser("S-BIAD1", **{"bioimage-archive": {"base_url": archive_server.base_url}})
    pulled(view, "bioimage-archive/S-BIAD1")
    view.send("open", path=None)
    opened = view.wait("opened_view", lambda shown: shown["choices"] or shown["problem"], "nothing was offered")
    assert opened["choices"] == ["one.cif", "two.cif"]


def test_back_leaves_the_selection_to_python(open_browser: OpenBrowser) -> None:
    view = open_browser()
    select(view, "site/demo-coiled-coil")
    view.send("back")
    assert view.widget.details_view is None
    assert view.widget.dataset is not None


def test_a_pull_that_is_under_way_is_not_started_twice(
    open_browser: OpenBrowser, archive_server: ArchiveServer
) -> None:
    archive_server.fault("drip", "big.bin", bytes_per_second=8_000_000)
    view = open_browser("S-BIAD1", **{"bioimage-archive": {"base_url": archive_server.base_url}})
    select(view, "bioimage-archive/S-BIAD1")
    view.send("pull")
    view.send("pull")
    view.wait("pull_view", lambda shown: shown["state"] == "complete", "the pull did not end")
    assert len(archive_server.asked("/Files/big.bin")) == 1


def test_nothing_from_the_kernel_becomes_html() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "srcdoc", "eval("):
        assert way not in source
    assert "fetch(" not in source, "a view asks the kernel, never the network"
    assert "http" not in source, "a view loads nothing from elsewhere"
