"""The desktop in the browser: display server, page, and the programs that run in it."""

from __future__ import annotations
