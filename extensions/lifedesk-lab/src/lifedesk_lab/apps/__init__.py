"""The programs of an image: what `images/NAME/apps.yaml` says, installed at build time, read in the session."""

from __future__ import annotations

from lifedesk_lab.apps.errors import AppsError, InvalidAppsFile, UnknownApp, UnusablePath
from lifedesk_lab.apps.installed import APPS_DIR, InstalledApp, find_app, installed_apps, matching

__all__ = [
    "APPS_DIR",
    "AppsError",
    "InstalledApp",
    "InvalidAppsFile",
    "UnknownApp",
    "UnusablePath",
    "find_app",
    "installed_apps",
    "matching",
]
