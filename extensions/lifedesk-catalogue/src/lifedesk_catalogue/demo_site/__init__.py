"""The demo node's own data sets: small, real-looking, made on the spot, with licence and authors.

    python -m lifedesk_catalogue.demo_site TARGET

writes one folder per data set into TARGET, the folder that a `site` archive reads. Three are computed (from fixed
seeds, so everybody has the same bytes); two are real micrographs that the scikit-image package brings along, and
are left out, with a word about it, where it is not installed.
"""

from lifedesk_catalogue.demo_site.write import DEMO_DATASETS, write_demo_site

__all__ = ["DEMO_DATASETS", "write_demo_site"]
