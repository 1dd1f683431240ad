"""Plan, build, list, save and load the images: `python images/build.py --help`.

Needs Python 3.11 and Docker, nothing else: it runs before anything of Lifedesk is installed.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from images.commands import main

    sys.exit(main())
