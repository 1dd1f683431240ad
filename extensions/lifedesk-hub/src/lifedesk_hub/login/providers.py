"""What Lifedesk knows of each kind of identity provider: defaults over one base."""

from __future__ import annotations

from dataclasses import dataclass

from lifedesk_hub.login.discovery import Metadata
from lifedesk_hub.site import Login


@dataclass(frozen=True)
class Provider:
    """One kind of identity provider."""

    id: str
    """Constant part of every hub name made for its people: changing it would give everybody a new, empty home."""
    display_name: str
    """What the login button says."""
    issuers: tuple[str, ...] = ()
    """Issuers of the production service, the one for new registrations first. They know the same people."""
    scopes: tuple[str, ...] = ("openid", "profile")
    optional_scopes: tuple[str, ...] = ()
    """Asked for only where the provider's discovery document offers them."""
    subject_claims: tuple[str, ...] = ("sub",)
    """Claims that may identify a person; the first that is present does. Only those the provider alone can set."""
    metadata: Metadata | None = None
    """Endpoints of a provider that speaks OAuth 2 but not OpenID Connect."""

    def issuer(self, login: Login, demo_issuer: str | None = None) -> str | None:
        """The issuer to expect; None for a provider without one. Raises `ValueError` where none is known."""
        if self.metadata is not None:
            return None
        issuer = demo_issuer if self.id == "demo" else login.issuer or next(iter(self.issuers), None)
        if issuer is None:
            raise ValueError(f"The issuer of the provider {self.id!r} is not known: give login.issuer.")
        return issuer

    def provider_id(self, issuer: str | None) -> str:
        """What goes into the hash of hub names: constant for a production service, apart for any other issuer."""
        if self.id == "demo" or issuer is None or issuer in self.issuers:
            return self.id
        return f"{self.id} {issuer}"


_GITHUB = Metadata(
    issuer="https://github.com",
    authorization_endpoint="https://github.com/login/oauth/authorize",
    token_endpoint="https://github.com/login/oauth/access_token",
    userinfo_endpoint="https://api.github.com/user",
)

_PROVIDERS = (
    Provider(
        id="ls-login",
        display_name="LS Login",
        issuers=("https://login.aai.lifescience-ri.eu/oidc/", "https://proxy.aai.lifescience-ri.eu"),
        scopes=("openid", "profile", "eduperson_entitlement"),
        optional_scopes=("offline_access",),
    ),
    Provider(
        id="egi-check-in",
        display_name="EGI Check-in",
        issuers=("https://aai.egi.eu/auth/realms/egi",),
        scopes=("openid", "profile", "voperson_id", "eduperson_entitlement"),
        subject_claims=("voperson_id", "sub"),
    ),
    Provider(
        id="cilogon",
        display_name="CILogon",
        issuers=("https://cilogon.org",),
        scopes=("openid", "profile", "org.cilogon.userinfo"),
    ),
    Provider(
        id="orcid",
        display_name="ORCID",
        issuers=("https://orcid.org",),
        scopes=("openid",),
    ),
    Provider(id="github", display_name="GitHub", scopes=(), subject_claims=("id",), metadata=_GITHUB),
    Provider(
        id="oidc",
        display_name="your organisation's login",
        optional_scopes=("eduperson_entitlement", "offline_access"),
    ),
    Provider(
        id="demo",
        display_name="the demo login",
        scopes=("openid", "profile", "eduperson_entitlement"),
    ),
)

PROVIDERS = {provider.id: provider for provider in _PROVIDERS}
"""By the name that a site file uses."""
