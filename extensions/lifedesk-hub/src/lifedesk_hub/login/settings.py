"""What the authenticator of one node has to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from lifedesk_hub.login.providers import PROVIDERS, Provider
from lifedesk_hub.site import Group, Site


@dataclass(frozen=True)
class LoginSettings:
    """Everything that login needs from site and deployment; prints without the secret."""

    provider: Provider
    issuer: str | None
    client_id: str
    client_secret: SecretStr
    callback_url: str
    logged_out_url: str
    """Where the provider sends people after they logged out there."""
    contact: str
    site_name: str
    groups: tuple[Group, ...]
    admin_groups: frozenset[str]
    groups_claim: str
    extra_scopes: tuple[str, ...]
    allowed_idps: tuple[str, ...]
    refresh_seconds: int
    grace_seconds: int
    audit_file: Path

    @property
    def provider_id(self) -> str:
        """What goes into the hash of hub names."""
        return self.provider.provider_id(self.issuer)


def settings_for(
    site: Site, url: str, audit_file: Path, client_secret: SecretStr, demo_issuer: str | None
) -> LoginSettings:
    """The login settings of a site that people open at `url`. Raises `ValueError` where the issuer is not known."""
    login = site.login
    provider = PROVIDERS[login.provider]
    return LoginSettings(
        provider=provider,
        issuer=provider.issuer(login, demo_issuer),
        client_id=login.client_id or DEMO_CLIENT_ID,
        client_secret=client_secret,
        callback_url=f"{url}/hub/oauth_callback",
        logged_out_url=f"{url}/hub/login",
        contact=site.contact,
        site_name=site.name,
        groups=site.groups,
        admin_groups=frozenset(site.admin_groups),
        groups_claim=login.groups_claim,
        extra_scopes=login.extra_scopes,
        allowed_idps=login.allowed_idps,
        refresh_seconds=login.refresh_seconds,
        grace_seconds=login.grace_seconds,
        audit_file=audit_file,
    )


DEMO_CLIENT_ID = "lifedesk-hub"
"""The node's name at the built-in demo provider."""
