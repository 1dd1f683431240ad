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
}
