"""The hub's pages: their templates, style, scripts and words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traitlets.config import Config

from lifedesk_hub.pages.assets import STATIC_FOLDER, PageFiles
from lifedesk_hub.pages.start_form import StartChoice, StartSize, StartVersion, render_start_form
from lifedesk_hub.pages.words import Words
from lifedesk_hub.site import Site

__all__ = [
    "PROXY_ERRORS_FOLDER",
    "StartChoice",
    "StartSize",
    "StartVersion",
    "page_settings",
    "pages_config",
    "render_start_form",
]

TEMPLATE_FOLDER = Path(__file__).parent / "templates"
PROXY_ERRORS_FOLDER = Path(__file__).parent / "proxy_errors"
"""For the proxy's `--error-path`: what it says by itself when the hub or a session does not answer."""

HEADERS = {
    # Pages load nothing but the hub's own files and run no inline script. Forms are not limited to the hub's own
    # address: a session on a subdomain, or a service, is where some of them lead.
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "style-src 'self' 'unsafe-inline'",  # JupyterHub's own administration page writes styles as it runs
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""Sent with every answer of the hub."""


def pages_config(site: Site, first_files: Sequence[str] = ()) -> Config:
    """The hub configuration that makes its pages those of this site.

    `first_files` are addresses below a session's own that browsers may fetch while a session is chosen and starts.
    """
    config = Config()
    config.JupyterHub.template_paths = [str(TEMPLATE_FOLDER)]
    config.JupyterHub.template_vars = {
        "site_name": site.name,
        "contact": site.contact,
        "words": Words(site),
        "first_files": tuple(first_files),
    }
    config.JupyterHub.logo_file = str(STATIC_FOLDER / "logo.svg")
    config.JupyterHub.tornado_settings = page_settings()
    return config


def page_settings() -> dict[str, Any]:
    """What the pages need among `JupyterHub.tornado_settings`, to be united with whatever else is set there."""
    return {"headers": dict(HEADERS), "static_handler_class": PageFiles}
