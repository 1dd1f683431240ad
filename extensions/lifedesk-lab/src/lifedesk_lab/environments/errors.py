"""What can go wrong with an environment of one's own."""

from __future__ import annotations


class OwnEnvironmentError(RuntimeError):
    """An environment cannot be found, made or used; the message says which, why, and what to do."""
