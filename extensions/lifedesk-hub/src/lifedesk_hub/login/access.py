"""Giving and ending somebody's access in the hub: admin role, groups, tokens, running servers."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any

from jupyterhub import orm, roles

log = logging.getLogger(__name__)


async def apply_model(user: Any, model: Mapping[str, Any]) -> None:
    """Writes what a renewal found (the dictionary that `authenticate` gives) into the hub's database."""
    user.user_info = model["user_info"]
    _set_admin(user, bool(model["admin"]))
    user.sync_groups(model["groups"])
    await user.save_auth_state(model["auth_state"])


async def end_access(user: Any) -> None:
    """Takes away groups, admin role, every token and every cookie. Running servers are left to `stop_servers`."""
    _set_admin(user, False)
    user.sync_groups([])
    db, row = user.db, user.orm_user
    for token in list(row.api_tokens):
        db.delete(token)
    for code in list(row.oauth_codes):
        db.delete(code)
    row.cookie_id = orm.new_token()
    db.commit()
    await user.save_auth_state(None)


async def stop_servers(hub: Any, user: Any, names: Collection[str] | None = None) -> None:
    """Stops the user's running servers, or those named. One just starting or stopping is left to the next sweep."""
    for name, spawner in list(user.spawners.items()):
        if spawner.pending or not spawner.active or (names is not None and name not in names):
            continue
        try:
            await hub.proxy.delete_user(user, name)
            await user.stop(name)
        except Exception:
            # The outer edge of a background task; the next sweep tries again.
            log.exception("The server %s could not be stopped after its user's access ended", spawner._log_name)


def has_servers(user: Any) -> bool:
    """Whether the user has a server that runs or is about to."""
    return any(spawner.active for spawner in user.spawners.values())


def group_names(user: Any) -> set[str]:
    """The groups that the hub's database has for the user."""
    return {group.name for group in user.orm_user.groups}


def _set_admin(user: Any, is_admin: bool) -> None:
    if user.admin != is_admin:
        user.admin = is_admin
    roles.assign_default_roles(user.db, entity=user.orm_user)
