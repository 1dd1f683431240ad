"""`python -m lifedesk_catalogue.demo_site TARGET`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lifedesk_catalogue.demo_site import write_demo_site


def main() -> int:
    """Write what is missing, name what was written, and say what went wrong in a sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m lifedesk_catalogue.demo_site",
        description="Write the demo data sets that are missing in TARGET, the folder of a site archive.",
    )
    parser.add_argument("target", type=Path, help="folder to write into; made when it does not exist")
    target = parser.parse_args().target
    try:
        outcomes = write_demo_site(target)
    except OSError as error:
        sys.stderr.write(
            f"The demo data sets could not be written to {str(target)!r}: {error}. Nothing half is left.\n"
        )
        return 1
    for accession, outcome in outcomes.items():
        sys.stdout.write(f"{accession}: {outcome}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
