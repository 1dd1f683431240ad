"""The pages of login: to the provider, back from it, out again, and what the hub knows about oneself."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from jupyterhub.handlers import BaseHandler
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthLoginHandler, OAuthLogoutHandler
from pydantic import ValidationError
from tornado import web

from lifedesk_hub.errors import LoginRefused
from lifedesk_hub.login.callback import CallbackAnswer, read_callback
from lifedesk_hub.login.errors import LoginFailed, NotAMember, ProviderUnreachable
from lifedesk_hub.login.next_url import safe_next_url
from lifedesk_hub.login.operators import is_operator
from lifedesk_hub.login.personal_data import personal_data
from lifedesk_hub.login.state import LoginAttempt, LoginState

_COOKIE = "lifedesk-login-"
_COOKIE_DAYS = 15 / (24 * 60)
_MOST_ATTEMPTS = 5


class LoginHandler(OAuthLoginHandler):
    """Sends the browser to the provider. Each attempt has its own signed cookie, so tabs do not disturb each other."""

    async def get(self) -> None:
        """Begins a login."""
        attempt = LoginAttempt.begin(safe_next_url(self.get_argument("next", None), self.base_url))
        try:
            is_somebody_else = self.get_argument("account", "") == "other"
            url = await self.authenticator.party.authorization_url(attempt, is_somebody_else)
        except ProviderUnreachable as error:
            self.log.error("Nobody can log in: %s", error.detail)
            raise_page(error.status, str(error), error.reason)
        kept = [name for name in self.cookies if _COOKIE in name]
        for name in kept if len(kept) >= _MOST_ATTEMPTS else ():
            self.clear_cookie(name, path=self.hub.base_url)
        self._set_cookie(
            attempt_cookie(self, attempt.state),
            attempt.model_dump_json(),
            expires_days=_COOKIE_DAYS,
            path=self.hub.base_url,
            samesite="Lax",
        )
        self.redirect(url)


class CallbackHandler(OAuthCallbackHandler):
    """Takes the browser back from the provider."""

    attempt: LoginAttempt | None = None

    async def get(self) -> None:
        """Ends a login: in the hub, or with a page that says why not."""
        audit = self.authenticator.audit
        try:
            user = await self.login_user()
            if user is None:
                raise LoginFailed("This login cannot be used here.", reason="refused by the hub", status=403)
        except NotAMember as error:
            audit.write("login_refused", user=error.username, reason=error.reason, address=self.request.remote_ip)
            raise_page(403, str(error), error.reason)
        except (LoginRefused, LoginFailed, ProviderUnreachable) as error:
            reason = getattr(error, "reason", "refused")
            audit.write("login_refused", reason=reason, address=self.request.remote_ip)
            self.log.warning("Login failed: %s", getattr(error, "detail", reason))
            raise_page(getattr(error, "status", 403), str(error), reason)
        groups = sorted(group.name for group in user.orm_user.groups)
        is_admin = is_operator(groups, self.authenticator.settings.admin_groups)
        audit.write("login", user=user.name, groups=groups, is_admin=is_admin, address=self.request.remote_ip)
        self.redirect(self.get_next_url(user))

    async def verified_answer(self) -> tuple[str, LoginAttempt]:
        """The provider's code, once it is certain that it answers an attempt of this browser. Raises `LoginFailed`."""
        answer = CallbackAnswer({name: self.get_arguments(name) for name in self.request.query_arguments})
        attempt = self._take_attempt(answer.one("state"))
        metadata = await self.authenticator.party.metadata()
        self.attempt = read_callback(answer, attempt, metadata, self.authenticator.settings.provider.display_name)
        return answer.one("code"), self.attempt

    def _take_attempt(self, state: str) -> LoginAttempt | None:
        """The attempt of that state; its cookie is used up by this."""
        if not state.isascii() or not state:
            return None
        name = attempt_cookie(self, state)
        value = self.get_secure_cookie(name, max_age_days=_COOKIE_DAYS)
        self.clear_cookie(name, path=self.hub.base_url)
        try:
            return LoginAttempt.model_validate_json(value) if value else None
        except ValidationError:
            return None

    def get_next_url(self, user: Any = None) -> str:
        """The page that was asked for before the login, else where the hub sends people."""
        wanted = self.attempt.next_url if self.attempt else None
        return wanted or str(BaseHandler.get_next_url(self, user))


class LogoutHandler(OAuthLogoutHandler):
    """Logs out here and at the provider, so that the next login asks for the password again."""

    _leave_to: str | None = None

    async def handle_logout(self) -> None:
        """Prepares the way to the provider's logout; the hub's own cookies are already cleared."""
        user = self.current_user
        if user is None:
            return
        self.authenticator.audit.write("logout", user=user.name, address=self.request.remote_ip)
        state = LoginState.of(await user.get_auth_state())
        if state is None:
            return
        await user.save_auth_state(state.model_copy(update={"is_logged_out": True}).as_auth_state())
        try:
            self._leave_to = await self.authenticator.party.logout_url(state.tokens.id_token)
        except ProviderUnreachable as error:
            self.log.warning("%s is logged out here only: %s", user.name, error.detail)

    async def render_logout_page(self) -> None:
        """Goes on to the provider, or shows the hub's own page where the provider knows no logout."""
        if self._leave_to:
            self.redirect(self._leave_to)
        else:
            await super().render_logout_page()


class MyDataHandler(BaseHandler):
    """Everything the hub keeps about the person who asks, as one JSON file; no token is in it."""

    @web.authenticated
    async def get(self) -> None:
        """Sends the file."""
        user = self.current_user
        state = LoginState.of(await user.get_auth_state())
        audit = self.authenticator.audit.about(user.name)
        data = personal_data(user, state, self.authenticator.settings.admin_groups, audit)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="my-data.json"')
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def attempt_cookie(handler: Any, state: str) -> str:
    """The cookie of the attempt; over https bound to exactly this host, so that no subdomain can plant one."""
    is_https = handler.authenticator.settings.callback_url.startswith("https://")
    short = "".join(character for character in state[:16] if character.isalnum())
    return f"{'__Host-' if is_https else ''}{_COOKIE}{short}"


def raise_page(status: int, sentence: str, reason: str) -> NoReturn:
    """Ends the request with the sentence on the hub's error page; the log gets the short reason only."""
    raise _Page(status, sentence, reason)


class _Page(web.HTTPError):
    """An error page; JupyterHub shows `jupyterhub_message` and logs the rest."""

    def __init__(self, status: int, sentence: str, reason: str) -> None:
        super().__init__(status, reason)
        self.jupyterhub_message = sentence[:1].upper() + sentence[1:]
