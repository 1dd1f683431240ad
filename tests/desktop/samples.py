"""A fitting file for each program of each image's apps.yaml, and what must be seen of it.

A new program gets an entry here; the tests find it by its slug. Prefer a program that makes the sample in the image
(`make`, run by the image's Python in the home directory), so that the test needs nothing from outside; real data in
`../shared/samples` beside the repository (`source`) is taken instead where it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared" / "samples"
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Sample:
    """What a program opens in its test, and what shows that it did."""

    window: str
    """A part of the title of the window that shows it, in any case of letters."""
    path: str | None = None
    """Where it lies in the home directory; None for a program that opens nothing."""
    make: str = ""
    """Python that writes it."""
    source: str = ""
    """The same in the shared samples: a path below them."""
    least_colours: int = 12
    """So many colours (of 4096) are in what the program has painted: a blank canvas has few."""
    seen: tuple[Colour, ...] = ()
    """Colours of the sample that must be in the picture, each on 0.2 % of the screen at least."""
    seconds: float = 90.0
    """How long it may take until all of that is seen."""

    @property
    def shared_file(self) -> Path | None:
        """The shared sample, where it is there."""
        file = SHARED / self.source
        return file if self.source and file.is_file() else None


# The demo's cells, whose nuclei, actin and mitochondria have colours of their own; bright spots.
_CELLS = """from pathlib import Path
from lifedesk_catalogue.demo_site.cells import synthetic_cells
from lifedesk_catalogue.demo_site.ome_zarr import write_cells
write_cells(synthetic_cells(), Path("cells.zarr"))"""
_SPOTS = """import numpy, tifffile
y, x = numpy.mgrid[0:480, 0:640]
tifffile.imwrite("spots.tif", (127 * (1 + numpy.sin(x / 20) * numpy.sin(y / 20))).astype("uint8"))"""
# A helix; a map of a ball; noisy pictures of particles; a head of two materials as a series of DICOM
# slices; places where lynxes live.
_HELIX = """import subprocess
subprocess.run(["pymol", "-cq", "-d", "fab FWYKRLMFWYKRLMFWYKRLM, helix, ss=1; save {file}, helix"], check=True)"""
_BALL = """import mrcfile, numpy
with mrcfile.new("{file}") as made:
    z, y, x = numpy.mgrid[-1:1:48j, -1:1:48j, -1:1:48j]
    made.set_data(numpy.exp(-12 * (x**2 + y**2 + (z / 1.5)**2)).astype("float32"))
    made.voxel_size = 3.0"""
_PARTICLES = """import mrcfile, numpy
noise = numpy.random.default_rng(1).normal(0, 0.3, (12, 64, 64))
y, x = numpy.mgrid[-1:1:64j, -1:1:64j]
with mrcfile.new("particles.mrcs") as made:
    made.set_data((noise + ((x / 0.6)**2 + (y / 0.4)**2 < 1)).astype("float32"))
    made.set_image_stack()"""
_HEAD = """import numpy, SimpleITK
from pathlib import Path
z, y, x = numpy.mgrid[-1:1:40j, -1:1:128j, -1:1:128j]
values = numpy.full(z.shape, -1000, "int16")
values[(x / 0.75)**2 + (y / 0.9)**2 + (z / 0.95)**2 < 1] = 1000
values[(x / 0.68)**2 + (y / 0.82)**2 + (z / 0.88)**2 < 1] = 40
Path("head.series").mkdir()
writer = SimpleITK.ImageFileWriter()
writer.KeepOriginalImageUIDOn()
for number, plane in enumerate(values):
    slice_ = SimpleITK.GetImageFromArray(plane[None])
    slice_.SetSpacing((1.5, 1.5, 4.0))
    told = {"0008|0060": "CT", "0008|103e": "Head", "0020|000d": "1.2.3",
            "0020|000e": "1.2.3.4", "0008|0018": f"1.2.3.4.{number + 1}",
            "0020|0032": f"-95\\\\-95\\\\{4 * number - 80}", "0020|0037": "1\\\\0\\\\0\\\\0\\\\1\\\\0"}
    for tag, value in told.items():
        slice_.SetMetaData(tag, value)
    writer.SetFileName(f"head.series/{number:02}.dcm")
    writer.Execute(slice_)"""
_PLACES = """import geopandas
geopandas.GeoDataFrame({"species": ["Lynx lynx", "Lynx pardinus"]}, geometry=geopandas.points_from_xy(
    [10.4, -6.5], [51.2, 37.0]), crs="EPSG:4326").to_file("places.geojson")"""

SAMPLES = {
    "files": Sample(window="jovyan", make="open('notes.txt', 'w').write('Zellen')", path=".", least_colours=10),
    "terminal": Sample(window="jovyan@", least_colours=6, seen=((22, 33, 43),)),
    "editor": Sample(window="notes.txt", make="open('notes.txt', 'w').write('Zellen\\n' * 40)", path="notes.txt"),
    "pictures": Sample(
        window="cells.png",
        path="cells.png",
        make="from PIL import Image; Image.linear_gradient('L').convert('RGB').resize((600, 400)).save('cells.png')",
        least_colours=14,
        seen=((128, 128, 128), (200, 200, 200)),
    ),
    "napari": Sample(
        window="napari",
        path="cells.zarr",
        make=_CELLS,
        least_colours=40,
        seen=((66, 110, 220), (230, 45, 100), (50, 200, 95)),
    ),
    "imagej": Sample(window="spots.tif", path="spots.tif", make=_SPOTS, seen=((30, 30, 30), (128, 128, 128))),
    "pymol": Sample(
        window="PyMOL",
        path="protein.cif",
        make=_HELIX.format(file="protein.cif"),
        source="pdb/1aki.cif",
        least_colours=30,
        seen=((40, 200, 40), (0, 0, 0)),
    ),
    "pymol-map": Sample(
        window="PyMOL",
        path="density.map",
        make=_BALL.format(file="density.map"),
        source="emdb/emd_5625.map",
        least_colours=30,
        seen=((140, 140, 190), (0, 0, 0)),
    ),
    "coot": Sample(
        window="Coot",
        path="protein.cif",
        make=_HELIX.format(file="protein.cif"),
        source="pdb/1aki.cif",
        least_colours=30,
        seen=((180, 180, 10),),
    ),
    "relion": Sample(window="RELION", least_colours=40, seen=((230, 230, 250),)),
    "relion-display": Sample(
        window="particles",
        path="particles.mrcs",
        make=_PARTICLES,
        least_colours=8,
        seen=((128, 128, 128),),
    ),
    "mricron": Sample(
        window="=",  # where the cross is, and the value there
        path="head.series",
        make=_HEAD,
        least_colours=12,
        seen=((0, 0, 0), (235, 235, 235)),
    ),
    "qgis": Sample(
        window="QGIS",
        path="places.geojson",
        make=_PLACES,
        least_colours=40,
        seen=((236, 233, 218), (255, 255, 255)),
        seconds=150.0,
    ),
}
