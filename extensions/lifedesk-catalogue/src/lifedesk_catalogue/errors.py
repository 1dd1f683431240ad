"""Everything this package raises on purpose.

    CatalogueError
    ├── SettingsError (ValueError)            the archives are set up wrongly
    ├── UnknownArchive (LookupError)          no archive of that name here
    ├── DatasetNotFound (LookupError)         the archive has no such entry
    ├── ArchiveUnavailable (ConnectionError)  the archive did not answer, or not usably, this time
    ├── AnswerNotUnderstood (ValueError)      the archive answered something else than it documents
    ├── BrokenMetadata (ValueError)           a local data set is described wrongly
    ├── PlanRefused (ValueError)              this pull must not start
    │   ├── UnsafeName                        a file name that could do harm, or cannot be written here
    │   ├── NotEnoughSpace (OSError)          it would not fit
    │   └── NotListable                       a folder whose contents the archive does not tell
    ├── PullFailed (OSError)                  a pull that started did not end; the next one continues it
    │   ├── PullCancelled (InterruptedError)  somebody asked it to stop
    │   ├── PullInProgress (BlockingIOError)  another process pulls into the same folder
    │   ├── DiskFull                          no space left while writing
    │   └── ChecksumMismatch                  the bytes are not the published ones
    └── OpenFailed (ValueError)               there is nothing here that can be opened
        ├── ChoosePath                        there are several; name one
        ├── UnsupportedFormat (NotImplementedError)
        └── MissingPackage (ImportError)      a package that reads this format is not installed

Each message says what happened, to what, why, and what to do, and is fit to be shown to a user as it is.
"""

from __future__ import annotations


class CatalogueError(Exception):
    """Anything this package raises on purpose; `str()` of it is a sentence for the user."""


class SettingsError(CatalogueError, ValueError):
    """The archive settings cannot be used."""


class UnknownArchive(CatalogueError, LookupError):
    """There is no archive of this name among the ones set up here."""


class DatasetNotFound(CatalogueError, LookupError):
    """The archive has no entry under this accession."""


class ArchiveUnavailable(CatalogueError, ConnectionError):
    """The archive could not be reached, was too slow, or asked to come back later."""


class AnswerNotUnderstood(CatalogueError, ValueError):
    """The archive's answer was not what it documents (HTML, broken JSON, too large, a missing part)."""


class BrokenMetadata(CatalogueError, ValueError):
    """The description beside a local data set cannot be read."""


class PlanRefused(CatalogueError, ValueError):
    """A pull that must not start."""


class UnsafeName(PlanRefused):
    """A file name that leaves the target folder, collides with another, or cannot be written."""


class NotEnoughSpace(PlanRefused, OSError):
    """The target has less free space than the files need."""


class NotListable(PlanRefused):
    """A folder in the archive whose files cannot be found out."""


class PullFailed(CatalogueError, OSError):
    """A pull stopped before the end. What arrived is kept; pulling again continues there."""


class PullCancelled(PullFailed, InterruptedError):
    """The pull was asked to stop, and did."""


class PullInProgress(PullFailed, BlockingIOError):
    """Another process is pulling into the same folder."""


class DiskFull(PullFailed):
    """No space was left while writing."""


class ChecksumMismatch(PullFailed):
    """The bytes that arrived are not the ones whose checksum the archive publishes."""


class OpenFailed(CatalogueError, ValueError):
    """Nothing that can be opened was found."""


class ChoosePath(OpenFailed):
    """Several things can be opened; the message lists them."""

    def __init__(self, message: str, paths: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.paths = paths


class UnsupportedFormat(OpenFailed, NotImplementedError):
    """The format, or this version or layout of it, is not read here; the message says what reads it."""


class MissingPackage(OpenFailed, ImportError):
    """The package that reads this format is not installed; the message names it."""
