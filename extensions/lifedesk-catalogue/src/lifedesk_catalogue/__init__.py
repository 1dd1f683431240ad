"""Find life-science data sets in public and local archives, pull them, and open them.

    for part in search("nuclei"): …          results as each archive answers
    dataset = get("S-BIAD1492")              everything the archive says about one entry
    plan = plan_pull(dataset, ["*.tif"])     what would be fetched, where to, does it fit
    pulled = pull(plan)                      fetch it; again: fetches nothing
    image = open_dataset(pulled.folder)      lazy pixels, or a structure
    picture = overview(image)                a quick look, RGB
    browse()                                 all of it with the mouse or the keyboard, in a notebook

Importing this package is cheap: transfer and format libraries are imported by the call that needs them.
"""

from lifedesk_catalogue.browse import browse
from lifedesk_catalogue.errors import CatalogueError
from lifedesk_catalogue.image import Channel, Image, Level
from lifedesk_catalogue.job import Pulled
from lifedesk_catalogue.model import ArchiveNotice, Checksum, Dataset, File, Hits, Licence, Matched
from lifedesk_catalogue.opening import open_dataset, openable
from lifedesk_catalogue.overview import overview
from lifedesk_catalogue.plan import Plan, plan_pull
from lifedesk_catalogue.progress import Progress
from lifedesk_catalogue.pull import pull, pull_async
from lifedesk_catalogue.search import Search, archive_names, get, list_files, matched, search

__all__ = [
    "ArchiveNotice",
    "CatalogueError",
    "Channel",
    "Checksum",
    "Dataset",
    "File",
    "Hits",
    "Image",
    "Level",
    "Licence",
    "Matched",
    "Plan",
    "Progress",
    "Pulled",
    "Search",
    "archive_names",
    "browse",
    "get",
    "list_files",
    "matched",
    "open_dataset",
    "openable",
    "overview",
    "plan_pull",
    "pull",
    "pull_async",
    "search",
]
