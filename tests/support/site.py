"""A small site and deployment as values, for tests of what is computed from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.site import Site

IMAGES: dict[str, tuple[str, ...]] = {"base": (), "imaging": ("desktop", "base")}
"""The images that the site files of the tests know, each with those it stands on."""
SMALL_SITE: dict[str, Any] = {
    "name": "Test node",
    "contact": "the test desk (desk@lifedesk.example)",
    "login": {"provider": "demo"},
    "groups": [
        {"name": "imaging", "claim_values": ["imaging"]},
        {"name": "structural", "claim_values": ["structural"]},
        {"name": "operators", "claim_values": ["operators"]},
    ],
    "admin_groups": ["operators"],
    "sizes": [
        {"slug": "small", "display_name": "Small", "cpu_limit": 0.5, "mem_limit": "1G"},
        {"slug": "large", "display_name": "Large", "cpu_limit": 2, "mem_limit": "4G", "mem_guarantee": "1G"},
    ],
    "profiles": [
        {
            "slug": "imaging",
            "display_name": "Imaging",
            "description": "Images",
            "image": "imaging",
            "sizes": ["small", "large"],
            "allowed_groups": ["imaging"],
        },
        {
            "slug": "structural",
            "display_name": "Structural biology",
            "description": "Structures",
            "image": "registry.example/structural:1",
            "sizes": ["large"],
            "allowed_groups": ["structural"],
        },
    ],
    "mounts": [
        {"source": "/srv/microscopes", "target": "/data/microscopes", "allowed_groups": ["imaging"]},
        {"source": "/srv/scratch", "target": "/data/scratch", "read_only": False},
    ],
}


def small_site(**changes: object) -> Site:
    """The small site with some of its sections replaced."""
    return Site.model_validate({**SMALL_SITE, **changes})


def a_deployment(state: Path = Path("/nowhere/state"), **changes: object) -> Deployment:
    """A deployment with made-up addresses, some of its facts replaced."""
    facts: dict[str, object] = {
        "name": "lifedesk-test",
        "state": state,
        "url": "http://127.0.0.1:8000",
        "proxy_bind_url": "http://127.0.0.1:8000",
        "proxy_api_url": "http://127.0.0.1:8001",
        "hub_url": "http://172.18.0.1:8081",
        "network": "lifedesk-test",
        "images": {"imaging": "lifedesk/imaging:0123456789ab"},
        "site_archive": Path("/srv/archive"),
        "demo_issuer": "http://localhost:9400",
    }
    return Deployment.model_validate({**facts, **changes})
