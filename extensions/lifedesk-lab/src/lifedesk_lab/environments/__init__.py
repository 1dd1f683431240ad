"""Environments of one's own: packages a person installs, kept in the home and laid over the image's.

An environment is an ordinary virtual environment. Its own packages come first, behind them lie the image's,
read-only; so only what is added or changed takes room. The image's own kernel and JupyterLab never see them.

| module | what it gives |
|---|---|
| `places` | where environments are |
| `make` | make, check, remove one; what is installed in it |
| `kernel`, `kernel_start`, `instead` | its kernel, and the image's in its place when it cannot run |
| `door` | what every `pip` of a session goes through |
| `command` | `lifedesk-environment` |
"""

from __future__ import annotations

from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.places import DEFAULT, Environment, environments_folder, named, this_image

__all__ = ["DEFAULT", "Environment", "OwnEnvironmentError", "environments_folder", "named", "this_image"]
