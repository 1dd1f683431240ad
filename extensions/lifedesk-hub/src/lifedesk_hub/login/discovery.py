"""A provider's description of itself: OpenID Connect Discovery 1.0, section 3, and RFC 9207."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict


def _endpoint(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("not the address of an endpoint")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError("an endpoint must be reached through https")
    return value


Endpoint = Annotated[str, AfterValidator(_endpoint)]


class Metadata(BaseModel):
    """The parts of a discovery document that a login needs."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, strict=True)

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    userinfo_endpoint: Endpoint
    jwks_uri: Endpoint | None = None
    end_session_endpoint: Endpoint | None = None
    scopes_supported: list[str] | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    authorization_response_iss_parameter_supported: bool = False

    @property
    def takes_secret_in_body(self) -> bool:
        """Whether the registration's secret goes into the form (client_secret_post) rather than into a header."""
        methods = self.token_endpoint_auth_methods_supported
        return methods is None or "client_secret_post" in methods or "client_secret_basic" not in methods

    def scopes(self, wanted: tuple[str, ...], optional: tuple[str, ...]) -> tuple[str, ...]:
        """The scopes to ask for: all that are wanted, and the optional ones that the provider offers."""
        offered = self.scopes_supported or []
        return tuple(dict.fromkeys((*wanted, *(scope for scope in optional if scope in offered))))


def discovery_address(issuer: str) -> str:
    """Where the provider of that issuer describes itself."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def read_metadata(document: object, issuer: str) -> Metadata:
    """The description of the provider. Raises `ValueError` that says what is wrong with it.

    `issuer` has to match byte for byte: a trailing slash counts.
    """
    metadata = Metadata.model_validate(document)
    if metadata.issuer != issuer:
        raise ValueError(f"it names the issuer {metadata.issuer!r}, but {issuer!r} is expected, letter for letter")
    if metadata.jwks_uri is None:
        raise ValueError("it names no jwks_uri, so no ID token could be verified")
    if "RS256" not in metadata.id_token_signing_alg_values_supported:
        raise ValueError("it does not sign ID tokens with RS256, the only algorithm accepted here")
    return metadata


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
