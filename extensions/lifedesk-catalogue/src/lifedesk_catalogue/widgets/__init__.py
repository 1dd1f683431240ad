"""Browse the archives in a notebook: search, look, pull, open."""

from lifedesk_catalogue.widgets.browser import Browser

__all__ = ["Browser"]
