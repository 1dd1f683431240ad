"""What can go wrong with an image's programs.

AppsError
├── InvalidAppsFile (ValueError)   apps.yaml cannot be installed; all of its faults in one message
├── UnknownApp (LookupError)       no program of that slug in this image
└── UnusablePath (ValueError)      what a program shall open is not there or not in the home directory
"""

from __future__ import annotations


class AppsError(Exception):
    """Base of all errors of this package; the message is for people."""


class InvalidAppsFile(AppsError, ValueError):
    """`apps.yaml` cannot be installed; the message lists all faults, each with its place."""


class UnknownApp(AppsError, LookupError):
    """The image has no program of that slug."""


class UnusablePath(AppsError, ValueError):
    """The path is not one that a program of the session can be given."""

    def __init__(self, message: str, is_missing: bool = False) -> None:
        super().__init__(message)
        self.is_missing = is_missing
