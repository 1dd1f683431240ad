"""What the biodiversity image promises: occurrences and archives read, put on maps, computed with."""

from __future__ import annotations

import docker
import pytest

from lifedesk_hub import singleuser
from tests.images.session import images_on, run
from tests.support.samples import samples_folder

IMPORTED = ("dwca.read", "geopandas", "h5netcdf", "ipyleaflet", "netCDF4", "pygbif", "pyobis", "rasterio", "rioxarray",
            "xarray")  # fmt: skip
WORLD = "/usr/share/qgis/resources/data/world_map.gpkg"
PLACES = f"""
import geopandas
places = geopandas.GeoDataFrame(
    {{"species": ["Lynx lynx", "Lynx lynx", "Lynx pardinus"]}},
    geometry=geopandas.points_from_xy([10.4, 21.0, -6.5], [51.2, 52.0, 37.0]), crs="EPSG:4326")
places.to_file("/tmp/places.gpkg", layer="places")
read = geopandas.read_file("/tmp/places.gpkg")
countries = geopandas.read_file("{WORLD}", layer="countries")
joined = read.sjoin(countries[["NAME", "geometry"]], predicate="within")
print(sorted(joined["NAME"]), round(read.to_crs(3035).distance(read.to_crs(3035).iloc[0].geometry).max(), -5))
"""
ARCHIVE = """
import zipfile
from dwca.read import DwCAReader
zipfile.ZipFile("/samples/gbif/archive-occ.zip").extractall("/tmp")
with DwCAReader("/tmp/archive-occ") as archive:
    table = archive.pd_read(archive.core_file_location, low_memory=False)
    print(archive.descriptor.core.type.rsplit("/", 1)[1], len(table), "DecimalLatitude" in table)
"""
NO_NETWORK = """
import pygbif.occurrences, requests
try:
    pygbif.occurrences.search(taxonKey=2433451, limit=1)
except requests.exceptions.ConnectionError as error:
    print("asked", error.request.url.split("?")[0])
"""
CLIMATE = """
import numpy, xarray, rioxarray
made = xarray.Dataset({"t": (("time", "y", "x"), numpy.arange(24.0).reshape(2, 3, 4))},
                      coords={"time": [0, 1], "y": [52.0, 51.0, 50.0], "x": [9.0, 10.0, 11.0, 12.0]})
made.to_netcdf("/tmp/t.nc"); made.to_zarr("/tmp/t.zarr")
read = xarray.open_dataset("/tmp/t.nc")
stored = xarray.open_zarr("/tmp/t.zarr")
read.t.isel(time=1).rio.write_crs("EPSG:4326").rio.to_raster("/tmp/t.tif")
raster = rioxarray.open_rasterio("/tmp/t.tif").rio.reproject("EPSG:3035")
print(bool((read.t == stored.t).all()), float(read.t.mean()), raster.rio.crs.to_epsg())
"""
PYQGIS = f"""
from qgis.core import QgsApplication, QgsVectorLayer
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False); app.initQgis()
layer = QgsVectorLayer("{WORLD}|layername=countries", "countries", "ogr")
print(layer.isValid(), layer.featureCount() > 200)
del layer
app.exitQgis()
"""


@pytest.fixture(params=images_on("biodiversity"))
def tag(request: pytest.FixtureRequest, image_tags: dict[str, str]) -> str:
    return image_tags[request.param]


def python(engine: docker.DockerClient, tag: str, home: str, code: str, **changed: object) -> str:
    return run(engine, tag, ["python", "-c", code], home, **changed)


def test_the_promised_packages_can_be_imported(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert python(docker_engine, tag, home, f"import {', '.join(IMPORTED)}; print('all')").endswith("all\n")


def test_places_survive_a_geopackage_and_are_found_in_their_countries_without_a_network(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    assert python(docker_engine, tag, home, PLACES) == "['Germany', 'Poland', 'Spain'] 2100000.0\n"


def test_a_darwin_core_archive_becomes_a_table(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    volumes = {str(samples_folder().resolve()): {"bind": "/samples", "mode": "ro"}, home: {"bind": singleuser.HOME}}
    assert python(docker_engine, tag, home, ARCHIVE, volumes=volumes) == "DarwinCore 1534 True\n"


def test_gbif_is_asked_at_its_address(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert python(docker_engine, tag, home, NO_NETWORK) == "asked https://api.gbif.org/v1/occurrence/search\n"


def test_a_grid_is_the_same_as_netcdf_as_zarr_and_as_a_projected_raster(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    assert python(docker_engine, tag, home, CLIMATE) == "True 11.5 3035\n"


def test_notebooks_can_use_qgis(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    environment = {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": "/tmp"}
    told = python(docker_engine, tag, home, PYQGIS, environment=environment)
    assert told.endswith("True True\n"), told


def test_the_toolbox_of_qgis_runs_without_a_screen(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    script = f"""export QT_QPA_PLATFORM=offscreen XDG_RUNTIME_DIR=/tmp PATH=/usr/bin:/bin
        qgis_process run native:centroids --INPUT='{WORLD}|layername=countries' --OUTPUT=/tmp/centres.gpkg 2>&1
        ogrinfo -so -al /tmp/centres.gpkg"""
    told = run(docker_engine, tag, ["bash", "-c", script], home)
    assert "Geometry: Point" in told, told
