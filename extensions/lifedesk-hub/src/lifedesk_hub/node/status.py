"""What runs on a node right now."""

from __future__ import annotations

from typing import Any, TypedDict

import httpx

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.engines.nvidia import DRIVER_FOLDER, gpus_in
from lifedesk_hub.node.demo import Account, accounts
from lifedesk_hub.node.state import State
from lifedesk_hub.node.supervision import Supervisor
from lifedesk_hub.secret import kept_secret
from lifedesk_hub.site import Site


class SessionStatus(TypedDict):
    """One session; `started` is a time in UTC (ISO 8601), `state` is `running` or `starting` or `stopping`."""

    username: str
    person: str
    profile: str | None
    size: str | None
    started: str | None
    state: str


class NodeStatus(TypedDict):
    """One node."""

    url: str | None
    state: str
    accounts: list[dict[str, object]]
    sessions: list[SessionStatus]


def status(state: State) -> NodeStatus:
    """The node's address, whether it runs, its demo accounts and its sessions."""
    deployment = state.deployment()
    is_running = bool(deployment) and Supervisor(state).states().get("hub") == "RUNNING"
    return NodeStatus(
        url=deployment.url if deployment else None,
        state="running" if is_running else "stopped",
        accounts=[{"name": a.name, "password": a.password, "groups": list(a.groups)} for a in demo_accounts(state)],
        sessions=_sessions(state, deployment) if deployment and is_running else [],
    )


def standing_still(state: State) -> dict[str, str]:
    """The node's programs that do not run though the others do: name → supervisord's word for their state."""
    return {name: current for name, current in Supervisor(state).states().items() if current != "RUNNING"}


def without_gpus(site: Site) -> str:
    """A sentence that names the profiles which need more GPUs than this machine has; empty if there are none."""
    there = len(gpus_in(DRIVER_FOLDER))
    lacking = [profile.slug for profile in site.profiles if profile.gpus > there]
    if not lacking:
        return ""
    what = f"Only {there} of the GPUs needed on this node" if there else "No GPU on this node"
    return f"{what}: sessions of {', '.join(lacking)} cannot start here."


def demo_accounts(state: State) -> tuple[Account, ...]:
    """The demo accounts, if the node's site uses the demo provider."""
    deployment = state.deployment()
    return accounts(state) if deployment and deployment.demo_issuer else ()


def _sessions(state: State, deployment: Deployment) -> list[SessionStatus]:
    token = kept_secret(state.secrets / "command_token").get_secret_value()
    try:
        answer = httpx.get(
            f"{deployment.hub_url}/hub/api/users",
            headers={"Authorization": f"token {token}"},
            params={"state": "active", "limit": 1000},
            timeout=10,
        )
        users: list[dict[str, Any]] = answer.raise_for_status().json()
    except httpx.HTTPError:
        return []
    return [_session(user, server) for user in users for server in user.get("servers", {}).values()]


def _session(user: dict[str, Any], server: dict[str, Any]) -> SessionStatus:
    options = server.get("user_options") or {}
    current = "running" if server.get("ready") else "stopping" if server.get("pending") == "stop" else "starting"
    return SessionStatus(
        username=user["name"],
        person=(user.get("user_info") or {}).get("display_name") or user["name"],
        profile=options.get("profile"),
        size=options.get("size"),
        started=server.get("started"),
        state=current,
    )
