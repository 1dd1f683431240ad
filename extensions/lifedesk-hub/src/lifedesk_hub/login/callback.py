"""The provider's answer in the address the browser comes back to: RFC 6749 section 4.1.2, RFC 9207."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lifedesk_hub.login.discovery import Metadata
from lifedesk_hub.login.errors import LoginFailed
from lifedesk_hub.login.state import LoginAttempt

_LONGEST_CODE = 4096
_KNOWN_ERRORS = {
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "login_required",
    "interaction_required",
    "consent_required",
    "account_selection_required",
}


@dataclass(frozen=True)
class CallbackAnswer:
    """The parameters of the address, as often as each was given."""

    parameters: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """The value of a parameter; empty if it is missing. Raises `LoginFailed` if it is there twice."""
        values = self.parameters.get(name, ())
        if len(values) > 1:
            raise LoginFailed("The login provider's answer is damaged. Log in again.", reason=f"{name} given twice")
        return values[0] if values else ""


def read_callback(
    answer: CallbackAnswer, attempt: LoginAttempt | None, metadata: Metadata, provider: str
) -> LoginAttempt:
    """The attempt that is answered, by an answer with a code.

    Raises `LoginFailed`, whose message repeats nothing that came with the address. The state comes first: without it
    anybody could have made up the rest.
    """
    state = answer.one("state")
    if attempt is None or not hmac.compare_digest(state.encode(), attempt.state.encode()):
        raise LoginFailed(
            "This login was begun in another browser, took too long, or was finished before. Log in again.",
            reason="state unknown",
        )
    issuer = answer.one("iss")
    is_named = "iss" in answer.parameters
    if issuer != metadata.issuer if is_named else metadata.authorization_response_iss_parameter_supported:
        raise LoginFailed("The answer came from another login provider. Log in again.", reason="iss differs")
    error = answer.one("error")
    if error:
        raise _refused_by(provider, error)
    code = answer.one("code")
    if not code or len(code) > _LONGEST_CODE or not code.isascii():
        raise LoginFailed("The login provider's answer is damaged. Log in again.", reason="no usable code")
    return attempt


def _refused_by(provider: str, error: str) -> LoginFailed:
    """The sentence for an error code; the codes are RFC 6749's and OpenID Connect's."""
    if error == "access_denied":
        return LoginFailed(f"The login at {provider} was cancelled or refused there.", "access_denied", status=403)
    if error in {"temporarily_unavailable", "server_error"}:
        sentence = f"{provider} cannot log anybody in at the moment. Try again in a few minutes."
        return LoginFailed(sentence, error, status=503)
    return LoginFailed(
        f"{provider} did not accept the request to log in. Log in again; if that does not help, tell the operator.",
        reason=error if error in _KNOWN_ERRORS else "unknown error code",
    )
