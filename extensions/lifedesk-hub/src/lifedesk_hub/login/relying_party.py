"""This node as a client of its identity provider: OpenID Connect's code flow with PKCE, nonce and verified tokens."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from lifedesk_hub.errors import LoginRefused
from lifedesk_hub.login.discovery import Metadata
from lifedesk_hub.login.errors import (
    AccessEnded,
    AnswerNotTrusted,
    ProviderUnreachable,
    RegistrationRefused,
)
from lifedesk_hub.login.groups import claim_values
from lifedesk_hub.login.id_token import key_id_of, verify_id_token
from lifedesk_hub.login.names import is_subject, name_from_claims
from lifedesk_hub.login.provider_facts import ProviderFacts
from lifedesk_hub.login.settings import LoginSettings
from lifedesk_hub.login.state import LoginAttempt, Tokens
from lifedesk_hub.login.web_client import Answer, WebClient

_GRANT_ENDED = {"invalid_grant", "bad_verification_code", "bad_refresh_token"}  # the last two are GitHub's


@dataclass(frozen=True)
class Identity:
    """Who somebody is, by the provider's word."""

    subject: str
    display_name: str
    group_values: tuple[str, ...]
    """Values of the groups claim, unread."""


class RelyingParty:
    """Speaks with the provider. Every method may raise `ProviderUnreachable`."""

    def __init__(self, settings: LoginSettings) -> None:
        self._settings = settings
        self._provider = settings.provider
        self._name = settings.provider.display_name
        self._web = WebClient(self._name)
        self._facts = ProviderFacts(self._web, self._name, settings.issuer) if settings.issuer else None

    async def metadata(self) -> Metadata:
        """What the provider says about itself."""
        if self._facts is None:
            assert self._provider.metadata is not None
            return self._provider.metadata
        return await self._facts.metadata()

    async def _browser_metadata(self) -> Metadata:
        """As `metadata`, but a provider that failed to answer is asked first: no browser is sent to a dead one."""
        if self._facts is not None and self._web.has_failed:
            return await self._facts.metadata(must_answer=True)
        return await self.metadata()

    async def authorization_url(self, attempt: LoginAttempt, is_somebody_else: bool = False) -> str:
        """Where to send the browser to log in; `is_somebody_else` has the provider ask again who is there."""
        metadata = await self._browser_metadata()
        settings = self._settings
        wanted = (*self._provider.scopes, *settings.extra_scopes)
        parameters = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": settings.callback_url,
            "scope": " ".join(metadata.scopes(wanted, self._provider.optional_scopes)),
            "state": attempt.state,
            "code_challenge": attempt.code_challenge,
            "code_challenge_method": "S256",
        }
        if self._facts is not None:
            parameters["nonce"] = attempt.nonce
        if is_somebody_else:
            parameters["prompt"] = "login" if self._facts is not None else "select_account"  # the latter is GitHub's
        if settings.allowed_idps:
            parameters["selected_idp"] = ",".join(settings.allowed_idps)
        return _with_parameters(metadata.authorization_endpoint, parameters)

    async def logout_url(self, id_token: str | None) -> str | None:
        """Where to send the browser to log out at the provider too (RP-initiated logout); None if it cannot."""
        metadata = await self._browser_metadata()
        if metadata.end_session_endpoint is None or id_token is None:
            return None
        parameters = {"id_token_hint": id_token, "post_logout_redirect_uri": self._settings.logged_out_url}
        return _with_parameters(metadata.end_session_endpoint, parameters)

    async def exchange(self, code: str, code_verifier: str) -> Tokens:
        """The tokens for the code of a login. Raises `AccessEnded` for a code that is used up or not this login's."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": code_verifier}
        return await self._tokens({**form, "redirect_uri": self._settings.callback_url})

    async def renew(self, tokens: Tokens) -> Tokens:
        """Fresh tokens for the refresh token. Raises `AccessEnded` if the provider gives none any more."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
        return tokens.renewed_by(await self._tokens(form))

    async def identify(self, tokens: Tokens, *, nonce: str | None = None, id_token_is_new: bool = True) -> Identity:
        """Who the tokens stand for.

        Raises `AccessEnded` if the provider does not accept the access token, `LoginRefused` (`AnswerNotTrusted`) for
        somebody who cannot be let in whatever their groups are.
        """
        id_claims: dict[str, object] = {}
        if self._facts is not None and id_token_is_new:
            id_claims = await self._verified(self._facts, tokens, nonce)
        claims = await self._userinfo(tokens)
        if id_claims and claims.get("sub") != id_claims["sub"]:
            raise AnswerNotTrusted(
                "The login provider's answers are about different people, so nobody was logged in.",
                reason="sub of userinfo differs from the ID token's",
            )
        self._check_home_organisation(claims)
        return Identity(
            subject=self._subject(claims),
            display_name=name_from_claims(claims),
            group_values=claim_values(claims.get(self._settings.groups_claim)),
        )

    async def _verified(self, facts: ProviderFacts, tokens: Tokens, nonce: str | None) -> dict[str, object]:
        if tokens.id_token is None:
            raise AnswerNotTrusted("The login provider sent no proof of who logged in.", reason="no ID token")
        return verify_id_token(
            tokens.id_token,
            await facts.keys(key_id_of(tokens.id_token)),
            issuer=self._settings.issuer or "",
            client_id=self._settings.client_id,
            nonce=nonce,
            access_token=tokens.access_token,
        )

    async def _userinfo(self, tokens: Tokens) -> dict[str, object]:
        metadata = await self.metadata()
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = await self._web.get(metadata.userinfo_endpoint, headers)
        if answer.status in {401, 403}:
            raise AccessEnded(f"{self._name} no longer vouches for you. Log in again.")
        if answer.status != 200 or not answer.is_object:
            raise ProviderUnreachable(self._name, f"userinfo answered {answer.status}, not a JSON object")
        return answer.document

    async def _tokens(self, form: dict[str, str]) -> Tokens:
        metadata = await self.metadata()
        headers: dict[str, str] = {}
        client_id, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        if metadata.takes_secret_in_body:
            form = {**form, "client_id": client_id, "client_secret": secret}
        else:
            pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return self._read_tokens(await self._web.post(metadata.token_endpoint, form, headers))

    def _read_tokens(self, answer: Answer) -> Tokens:
        if answer.error in _GRANT_ENDED:
            raise AccessEnded(f"{self._name} no longer accepts this login. Log in again.")
        if answer.error:
            raise RegistrationRefused(self._name, f"the token endpoint answered {answer.status} {answer.error!r}")
        access_token = answer.document.get("access_token")
        if answer.status != 200 or not isinstance(access_token, str) or not access_token:
            raise ProviderUnreachable(self._name, f"the token endpoint answered {answer.status} without a token")
        return Tokens(
            access_token=access_token,
            refresh_token=_text(answer.document.get("refresh_token")),
            id_token=_text(answer.document.get("id_token")),
            expires_at=_from_now(answer.document.get("expires_in")),
            # Keycloak's, and so EGI Check-in's: its refresh tokens expire when they are not used.
            renew_at=_from_now(answer.document.get("refresh_expires_in"), share=0.5),
        )

    def _subject(self, claims: dict[str, object]) -> str:
        name = next((name for name in self._provider.subject_claims if name in claims), None)
        value = claims[name] if name else None
        if name == "id" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # GitHub numbers its people
        if not isinstance(value, str) or not is_subject(value):
            raise AnswerNotTrusted(
                f"{self._name} did not say who you are in a form this node can use. Write to {self._settings.contact}.",
                reason=f"claim {name or self._provider.subject_claims[0]!r} is missing or no identifier",
            )
        return value

    def _check_home_organisation(self, claims: dict[str, object]) -> None:
        allowed = self._settings.allowed_idps
        if allowed and claims.get("idp") not in allowed:
            raise LoginRefused(
                f"{self._settings.site_name} is not open to logins through your organisation. "
                f"Log in through another, or ask {self._settings.contact}."
            )


def _with_parameters(url: str, parameters: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


def _from_now(seconds: object, share: float = 1.0) -> float | None:
    """The time when that share of the seconds has passed; None for no number, and for 0, which means no end."""
    return time.time() + seconds * share if isinstance(seconds, int | float) and seconds > 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
