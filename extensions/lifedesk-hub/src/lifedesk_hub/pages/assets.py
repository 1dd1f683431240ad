"""The pages' own style sheet, scripts and logo, served beside JupyterHub's under `hub/static/lifedesk/`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from jupyterhub.handlers.static import CacheControlStaticFilesHandler

STATIC_FOLDER = Path(__file__).parent / "static"
PREFIX = "lifedesk/"


class PageFiles(CacheControlStaticFilesHandler):
    """JupyterHub's static files, and under `lifedesk/` ours.

    Templates name ours as `static_url('lifedesk/hub.css')`, so that they are cached for as long as they are the same.
    """

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        """The file meant by the part of the address after `static/`."""
        if path.startswith(PREFIX):
            return cast(str, super().get_absolute_path(str(STATIC_FOLDER), path.removeprefix(PREFIX)))
        return cast(str, super().get_absolute_path(root, path))

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """The file to send; raises `tornado.web.HTTPError` if there is none or it lies outside its folder."""
        own = self.path.startswith(PREFIX)
        return cast("str | None", super().validate_absolute_path(str(STATIC_FOLDER) if own else root, absolute_path))

    def set_extra_headers(self, path: str) -> None:
        """Scripts and styles are what their type says, nothing else."""
        super().set_extra_headers(path)
        self.set_header("X-Content-Type-Options", "nosniff")
