"""The desktop's page: HTML around the bundle that `extensions/lifedesk-lab/desktop/build.mjs` makes."""

from __future__ import annotations

import json
import sys
from functools import cache
from html import escape
from pathlib import Path

from tornado import web

from lifedesk_lab.desktop.settings import Clipboard

ASSETS = Path(sys.prefix) / "share" / "lifedesk" / "desktop"
"""The bundle: files with a hash of their content in the name, and `names.json` that tells which they are."""
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
)


class Assets(web.StaticFileHandler):
    """Parts of the page, public and unchanging: a new content has a new name."""

    def get_cache_time(self, path: str, modified: object, mime_type: str) -> int:
        return 365 * 24 * 3600

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")


def html(base_url: str, hub_home: str, xsrf_token: str, allowed: Clipboard) -> str:
    """The page of the session at `base_url`, whose owner finds its start button at `hub_home`."""
    names = _names()
    told = {
        "baseUrl": base_url,
        "hubHome": hub_home,
        "xsrfToken": xsrf_token,
        "clipboard": {"into": allowed.into, "out": allowed.out},
    }
    assets = escape(f"{base_url}desktop/assets/", quote=True)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Desktop</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<link rel="stylesheet" href="{assets}{names["style"]}">\n'
        f'<link rel="icon" type="image/svg+xml" href="{assets}{names["icon"]}">\n'
        f'<script type="module" src="{assets}{names["script"]}"></script>\n'
        f'</head>\n<body data-told="{escape(json.dumps(told), quote=True)}">\n'
        "<noscript>The desktop needs JavaScript. Allow it for this site and load the page again.</noscript>\n"
        "</body>\n</html>\n"
    )


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads((ASSETS / "names.json").read_text(encoding="utf-8"))
    return names
