"""Errors that Lifedesk's hub side raises on purpose.

LifedeskError
├── SiteFileError (ValueError)      the site file cannot be used         (lifedesk_hub.site.load)
├── SecretError (ValueError)        a secret cannot be read or is open to others
├── NodeError (RuntimeError)        a part of the node cannot be started, stopped or reached
│   └── MissingPartError            something has to be installed first
├── ChoiceRefused (PermissionError) somebody may not start what they asked for
└── LoginRefused (PermissionError)  the identity provider's answer does not let this person in
"""

from __future__ import annotations


class LifedeskError(Exception):
    """Its message says what happened, where, why, and what to do; it is fit to be shown to its reader."""


class SecretError(LifedeskError, ValueError):
    """A secret cannot be read, is empty, or can be read by others."""


class NodeError(LifedeskError, RuntimeError):
    """A part of the node cannot be started, stopped or reached."""


class MissingPartError(NodeError):
    """Something has to be installed first; the message says what, and how."""


class ChoiceRefused(LifedeskError, PermissionError):
    """Somebody may not start what they asked for; `reason` is a short label for the metrics."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class LoginRefused(LifedeskError, PermissionError):
    """The identity provider's answer does not let this person in; the message is fit to be shown to them."""
