"""A person's own data in the hub (GDPR articles 15 and 20)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from lifedesk_hub.login.operators import is_operator
from lifedesk_hub.login.state import LoginState


def personal_data(
    user: Any, state: LoginState | None, admin_groups: Collection[str], audit: Iterable[Mapping[str, object]]
) -> dict[str, object]:
    """All that the hub keeps about the user, fit for JSON. Tokens are told of, never shown."""
    row = user.orm_user
    groups = sorted(group.name for group in row.groups)
    return {
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "user": {
            "name": row.name,
            "is_admin": is_operator(groups, admin_groups),
            "created": _time(row.created),
            "last_activity": _time(row.last_activity),
            "groups": groups,
            "roles": sorted(role.name for role in row.roles),
        },
        "identity": dict(row.user_info or {}),
        "login": {
            "confirmed_at": _time(datetime.fromtimestamp(state.confirmed_at, UTC)) if state else None,
            "renewable": bool(state and state.tokens.refresh_token),
        },
        "sessions": [
            {
                "name": spawner.name,
                "started": _time(spawner.started),
                "last_activity": _time(spawner.last_activity),
                "options": spawner.user_options,
            }
            for spawner in row.orm_spawners.values()
        ],
        "tokens": [
            {
                "note": token.note,
                "scopes": list(token.scopes or ()),
                "created": _time(token.created),
                "expires": _time(token.expires_at),
                "last_activity": _time(token.last_activity),
            }
            for token in row.api_tokens
        ],
        "audit": [dict(entry) for entry in audit],
    }


def _time(moment: datetime | None) -> str | None:
    """The database's times are UTC without saying so."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat(timespec="seconds")
