"""What members of a site's `admin_groups` may do in the hub.

JupyterHub's own administrators may do everything, which includes reading what is kept of other people's logins and
acting as them. Operators see who is here, start and end sessions, and delete people; no more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lifedesk_hub.site import Site

SCOPES = ("admin-ui", "list:users", "read:users", "servers", "delete:users")


def operator_role(site: Site) -> dict[str, Any]:
    """For `JupyterHub.load_roles`: the role of everybody in one of the site's `admin_groups`."""
    return {
        "name": "operator",
        "description": "See who is here, start and end sessions, delete people",
        "scopes": list(SCOPES),
        "groups": list(site.admin_groups),
    }


def is_operator(groups: Collection[str], admin_groups: Collection[str]) -> bool:
    """Whether a member of `groups` has that role."""
    return not set(groups).isdisjoint(admin_groups)
