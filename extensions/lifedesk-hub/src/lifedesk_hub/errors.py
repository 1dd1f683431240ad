"""Errors that Lifedesk's hub side raises on purpose.

LifedeskError
├── SiteFileError (ValueError)      the site file cannot be used         (lifedesk_hub.site.load)
├── SecretError (ValueError)        a secret cannot be read or is open to others
├── NodeError (RuntimeError)        a part of the node cannot be started, stopped or reached
│   └── MissingPartError            something has to be installed first
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


class LoginRefused(LifedeskError, PermissionError):
    """The identity provider's answer does not let this person in; the message is fit to be shown to them."""
