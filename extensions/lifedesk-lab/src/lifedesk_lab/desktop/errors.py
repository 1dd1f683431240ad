"""What can go wrong with the desktop.

DesktopError
├── NoDesktop          this image has none
├── DesktopNotStarted  the display server ended or was not ready in time
└── ProgramNotStarted  a program could not be started, or ended at once with an error
"""

from __future__ import annotations


class DesktopError(Exception):
    """Base of all errors of this package; the message is for people."""


class NoDesktop(DesktopError):
    """The image has no display server."""


class DesktopNotStarted(DesktopError):
    """The display server ended or was not ready in time; the message has its last lines."""


class ProgramNotStarted(DesktopError):
    """A program could not be started, or ended at once with an error; the message has its last lines."""
