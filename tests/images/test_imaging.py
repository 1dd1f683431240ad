"""What the imaging image promises: read, compute, and draw with napari without a desktop."""

from __future__ import annotations

import docker
import pytest

from tests.images.session import images_on, run

IMPORTED = ("bioio", "bioio_ome_tiff", "bioio_ome_zarr", "imagecodecs", "napari", "napari_ome_zarr", "ome_zarr",
            "pandas", "scipy.ndimage", "skimage.segmentation", "SimpleITK")  # fmt: skip
ROUND_TRIP = """
import dask.array, numpy, ome_zarr.reader, ome_zarr.writer, ome_zarr.io, zarr
image = numpy.arange(2 * 64 * 64, dtype="uint16").reshape(2, 64, 64)
group = zarr.open_group("/tmp/image.zarr", mode="w")
ome_zarr.writer.write_image(image, group, axes="zyx")
read = next(iter(ome_zarr.reader.Reader(ome_zarr.io.parse_url("/tmp/image.zarr"))())).data[0]
assert isinstance(read, dask.array.Array)
assert (read.compute() == image).all()
print("same")
"""
COMPRESSED = """
import imagecodecs, numpy, tifffile, SimpleITK
from skimage.measure import label
image = numpy.zeros((64, 64), "uint8")
image[8:24, 8:24] = image[40:56, 40:56] = 255
tifffile.imwrite("/tmp/image.tif", image, compression="zstd")
back = tifffile.imread("/tmp/image.tif")
regions = SimpleITK.ConnectedComponent(SimpleITK.GetImageFromArray(back) > 0)
print(label(back > 0).max(), SimpleITK.GetArrayFromImage(regions).max())
"""
DRAWN = """
import napari, numpy
viewer = napari.Viewer()
viewer.add_image(numpy.full((64, 64), 255, "uint8"), colormap="red", contrast_limits=(0, 255))
viewer.add_labels(numpy.zeros((64, 64), "int32"))
picture = viewer.screenshot(canvas_only=True, flash=False)
red = (picture[..., 0] > 200) & (picture[..., 1] < 50)
print(round(float(red.mean()), 2))
"""


READERS = """
from npe2 import PluginManager
manager = PluginManager.instance()
manager.discover()
for path in ("image.zarr", "image.tif"):
    print(path, *sorted(reader.command for reader in manager.iter_compatible_readers([path])))
print(*sorted(manifest.name for manifest in manager.iter_manifests()))
for contribution in manager.iter_widgets():
    if contribution.plugin_name == "napari-skimage":
        contribution.get_callable()
"""
LEFT = """
import numpy, pandas.testing, xarray.testing, scipy.stats, networkx, s3fs, botocore.session
import PyQt6.QtOpenGLWidgets, PyQt6.QtPrintSupport, PyQt6.QtSvgWidgets, PyQt6.QtNetwork, PyQt6.QtTest
from PyQt6.QtGui import QGuiApplication, QImageReader
for service in ("s3", "sts"):
    botocore.session.get_session().create_client(service, region_name="eu-central-1")
application = QGuiApplication(["a", "-platform", "offscreen"])
print({"jpeg", "png", "svg", "tiff"} <= {bytes(kind).decode() for kind in QImageReader.supportedImageFormats()})
"""


@pytest.fixture(params=images_on("imaging"))
def tag(request: pytest.FixtureRequest, image_tags: dict[str, str]) -> str:
    return image_tags[request.param]


def test_the_promised_packages_can_be_imported(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert run(docker_engine, tag, ["python", "-c", f"import {', '.join(IMPORTED)}; print('all')"], home).endswith(
        "all\n"
    )


def test_an_ome_zarr_image_survives_writing_and_lazy_reading(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    assert run(docker_engine, tag, ["python", "-c", ROUND_TRIP], home).endswith("same\n")


def test_compressed_tiff_is_read_and_its_regions_are_counted_by_both_libraries(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    assert run(docker_engine, tag, ["python", "-c", COMPRESSED], home).endswith("2 2\n")


def test_napari_draws_without_a_desktop(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    drawn = run(docker_engine, tag, ["xvfb-run", "-s", "-screen 0 1280x1024x24", "python", "-c", DRAWN], home)
    assert 0.3 < float(drawn.splitlines()[-1]) <= 1.0, drawn


def test_napari_finds_its_plugins_and_their_widgets_load(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    told = run(docker_engine, tag, ["env", "QT_QPA_PLATFORM=offscreen", "python", "-c", READERS], home).splitlines()
    assert told[0] == "image.zarr napari-ome-zarr.get_reader napari.get_reader"
    assert told[1] == "image.tif napari.get_reader"
    assert {"napari-ome-zarr", "napari-skimage", "napari-svg"} <= set(told[2].split())


def test_what_is_left_out_is_not_missed(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert run(docker_engine, tag, ["python", "-c", LEFT], home).splitlines()[-1] == "True"


def test_napari_tells_its_version(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert run(docker_engine, tag, ["env", "QT_QPA_PLATFORM=offscreen", "napari", "--version"], home).startswith(
        "napari"
    )


MACRO = """
newImage("ramp", "8-bit ramp", 64, 64, 1);
run("Invert");
saveAs("Tiff", "/tmp/ramp.tif");
File.saveString(IJ.maxMemory(), "/tmp/heap");
"""


def test_imagej_runs_a_macro_with_a_heap_that_fits_the_session(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    script = f"cat > /tmp/a.ijm <<'END'\n{MACRO}\nEND\nxvfb-run imagej -batch /tmp/a.ijm\ncat /tmp/heap\n"
    check = 'python -c \'import tifffile; print("", tifffile.imread("/tmp/ramp.tif")[0, [0, -1]].tolist())\''
    limited = {"environment": {"MEM_LIMIT": str(1024**3)}}
    heap, _, row = run(docker_engine, tag, ["sh", "-euc", f"{script}{check}"], home, **limited).partition(" ")
    assert 0.55 < float(heap) / 1024**3 < 0.62
    assert row == "[255, 3]\n"
