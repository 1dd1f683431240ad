"""What the hub remembers: of one attempt to log in (in a cookie), and of one person's login (in their auth_state)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError


class LoginAttempt(BaseModel):
    """One attempt to log in, between the redirect to the provider and the way back."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    state: str
    """Travels through the provider and comes back; finds the attempt."""
    nonce: str
    """Comes back inside the ID token; ties the token to the attempt."""
    code_verifier: str
    """Proves at the token endpoint who began (RFC 7636)."""
    next_url: str | None = None

    @classmethod
    def begin(cls, next_url: str | None) -> LoginAttempt:
        """A new attempt, its values from the system's random source."""
        values = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=next(values), nonce=next(values), code_verifier=next(values), next_url=next_url)

    @property
    def code_challenge(self) -> str:
        """The S256 challenge for the verifier."""
        digest = hashlib.sha256(self.code_verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class Tokens(BaseModel):
    """What the token endpoint gave."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access_token: str
    refresh_token: str | None = None
    id_token: str | None = None
    expires_at: float | None = None
    """Seconds since 1970 after which the access token is worthless; None where the provider did not say."""
    renew_at: float | None = None
    """Seconds since 1970 after which to use the refresh token, so that it does not expire unused; None for no hurry."""

    def renewed_by(self, newer: Tokens) -> Tokens:
        """The newer tokens, with what the provider left out because it still holds."""
        kept = {"refresh_token": self.refresh_token, "id_token": self.id_token}
        return newer.model_copy(update={name: getattr(newer, name) or value for name, value in kept.items()})


class LoginState(BaseModel):
    """What is kept, encrypted, in a person's auth_state."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tokens: Tokens
    confirmed_at: float
    """Seconds since 1970 when the provider last vouched for the person."""
    is_logged_out: bool = False
    """They logged out: their tokens may end with that, which then says nothing about their rights."""

    @classmethod
    def of(cls, auth_state: Mapping[str, object] | None) -> LoginState | None:
        """The state kept in `auth_state`; None if there is none that can be used."""
        try:
            return cls.model_validate(auth_state) if auth_state else None
        except ValidationError:
            return None

    def as_auth_state(self) -> dict[str, object]:
        """The form in which JupyterHub encrypts and keeps it."""
        return self.model_dump(mode="json")
