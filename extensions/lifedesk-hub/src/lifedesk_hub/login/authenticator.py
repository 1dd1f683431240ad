"""The hub's authenticator: who may enter, under which name, in which groups, and for how long."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from jupyterhub.handlers import BaseHandler
from oauthenticator.oauth2 import OAuthenticator
from tornado.ioloop import PeriodicCallback
from traitlets import Callable, Instance

from lifedesk_hub.errors import LoginRefused
from lifedesk_hub.login.access import apply_model, end_access, group_names, has_servers, stop_servers
from lifedesk_hub.login.audit import AuditLog
from lifedesk_hub.login.errors import (
    AccessEnded,
    AnswerNotTrusted,
    LoginFailed,
    LoginLapsed,
    NotAMember,
    ProviderUnreachable,
    RenewalRefused,
)
from lifedesk_hub.login.groups import groups_of
from lifedesk_hub.login.handlers import CallbackHandler, LoginHandler, LogoutHandler, MyDataHandler
from lifedesk_hub.login.names import clean_text, username_for
from lifedesk_hub.login.operators import is_operator
from lifedesk_hub.login.relying_party import Identity, RelyingParty
from lifedesk_hub.login.renewal import Turns, ask_again
from lifedesk_hub.login.settings import LoginSettings
from lifedesk_hub.login.state import LoginState, Tokens

# JupyterHub 6.1.1 reads this in BaseHandler.refresh_auth before any request has set it, so that an admin who starts the
# server of somebody with stale login gets an AttributeError (500). It came with
# https://github.com/jupyterhub/jupyterhub/pull/5500; remove this when BaseHandler has the attribute itself.
if not hasattr(BaseHandler, "_token_authenticated"):
    BaseHandler._token_authenticated = False

_MOST_GROUPS_SHOWN = 10


class LifedeskAuthenticator(OAuthenticator):
    """Logs people in through one identity provider, and keeps asking it about those who are in."""

    login_handler = LoginHandler
    callback_handler = CallbackHandler
    logout_handler = LogoutHandler

    settings = Instance(LoginSettings, config=True, help="What the site says about login.")
    is_session_allowed = Callable(
        lambda spawner: True,
        config=True,
        help="Called with the spawner of a running session whose owner lost a group: whether it may go on.",
    )

    @cached_property
    def party(self) -> RelyingParty:
        """This node as a client of the provider."""
        return RelyingParty(self.settings)

    @cached_property
    def audit(self) -> AuditLog:
        """Where logins and refusals are written down."""
        return AuditLog(self.settings.audit_file)

    @cached_property
    def turns(self) -> Turns:
        """Keeps checks of one person from running at once."""
        return Turns()

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        """The pages of login; also starts the sweep, because this is called once, when the hub starts."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweep = PeriodicCallback(self.sweep, self.settings.refresh_seconds * 1000)
        self._sweep.start()
        return [*super().get_handlers(app), (r"/my-data", MyDataHandler)]

    async def authenticate(self, handler: Any, data: Any = None, **_: Any) -> dict[str, Any]:
        """The person at the end of a login, for the code that the provider sent back."""
        code, attempt = await handler.verified_answer()
        try:
            tokens = await self.party.exchange(code, attempt.code_verifier)
            identity = await self.party.identify(tokens, nonce=attempt.nonce)
        except AccessEnded as error:
            name = self.settings.provider.display_name
            raise LoginFailed(
                f"{name} did not accept the login: it took too long, or was finished before. Log in again.",
                reason="code refused",
            ) from error
        known = handler.find_user(self._username(identity))
        return self._model(identity, tokens, known.user_info if known else None)

    async def check_allowed(self, username: str, auth_model: dict[str, Any] | None) -> bool:
        """True for a member of one of the site's groups, however else the hub is configured."""
        return bool(auth_model and auth_model["groups"])

    def _model(
        self, identity: Identity, tokens: Tokens, known: dict[str, Any] | None, is_logged_out: bool = False
    ) -> dict[str, Any]:
        """The dictionary that JupyterHub wants. Raises `NotAMember`."""
        username = self._username(identity)
        groups = groups_of(self.settings.groups, identity.subject, identity.group_values)
        if not groups:
            raise NotAMember(refusal(self.settings, identity), username)
        now = datetime.now(UTC)
        state = LoginState(tokens=tokens, confirmed_at=now.timestamp(), is_logged_out=is_logged_out)
        return {
            "name": username,
            "admin": False,  # nobody is JupyterHub's own administrator: see lifedesk_hub.login.operators
            "groups": sorted(groups),
            "auth_state": state.as_auth_state(),
            "user_info": {
                "name": identity.display_name,  # JupyterLab shows this one
                "display_name": identity.display_name,
                "provider_id": self.settings.provider_id,
                "subject": identity.subject,
                "first_seen": (known or {}).get("first_seen", now.isoformat(timespec="seconds")),
            },
        }

    def _username(self, identity: Identity) -> str:
        return username_for(self.settings.provider_id, identity.subject)

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> bool:
        """Whether the user may go on. What the provider said is saved here, before their next check can begin."""
        return await self.turns.take(user.name, lambda: self._check(user))

    async def _check(self, user: Any) -> bool:
        state = LoginState.of(await user.get_auth_state())
        if state is None:
            if user.encrypted_auth_state is None and has_servers(user):
                self._in_background(stop_servers(self.parent, user))
            return False

        async def keep(tokens: Tokens) -> None:
            await user.save_auth_state(state.model_copy(update={"tokens": tokens}).as_auth_state())

        try:
            renewed = await ask_again(self.party, state, keep)
            model = self._model(renewed.identity, renewed.tokens, user.user_info, state.is_logged_out)
            if model["name"] != user.name:
                raise AccessEnded("The provider answered about somebody else.")
        except ProviderUnreachable as error:
            return self._is_within_grace(user, state, error)
        except RenewalRefused as error:
            return await self._end(user, state, error) if self._is_past_grace(state) else False
        except (LoginLapsed, AnswerNotTrusted) as error:
            self.log.info("%s has to log in again: %s", user.name, error)
            return False
        except (AccessEnded, LoginRefused) as error:
            return await self._end(user, state, error)
        has_lost_a_group = not group_names(user) <= set(model["groups"])
        self._note_changes(user, set(model["groups"]))
        await apply_model(user, model)
        if has_lost_a_group:
            self._end_what_is_no_longer_allowed(user)
        return True

    def _end_what_is_no_longer_allowed(self, user: Any) -> None:
        """Mounts cannot be taken out of a running session: one that shows what its owner may not see any more ends."""
        names = [name for name, one in user.spawners.items() if one.active and not self.is_session_allowed(one)]
        if names:
            self.log.warning("A session of %s ends: a group it was started with is lost", user.name)
            self.audit.write("session_ended", user=user.name, reason="a group it was started with is lost")
            self._in_background(stop_servers(self.parent, user, names))

    def _is_within_grace(self, user: Any, state: LoginState, error: ProviderUnreachable) -> bool:
        """People stay logged in for a while when the provider is down; then nobody can say any more who may enter."""
        is_within = not self._is_past_grace(state)
        outcome = "let in for now" if is_within else "has to log in again"
        self.log.warning("%s could not be confirmed, %s: %s", user.name, outcome, error.detail)
        return is_within

    def _is_past_grace(self, state: LoginState) -> bool:
        """Whether it is too long ago that the provider vouched for the person."""
        settings = self.settings
        return bool(time.time() >= state.confirmed_at + settings.refresh_seconds + settings.grace_seconds)

    async def _end(self, user: Any, state: LoginState, error: AccessEnded | RenewalRefused | LoginRefused) -> bool:
        if state.is_logged_out and not isinstance(error, LoginRefused):
            self.log.info("The tokens of %s ended with their logout", user.name)
            return False
        self.log.warning("The access of %s ends: %s", user.name, getattr(error, "reason", error))
        self._note_changes(user, set())
        self.audit.write("access_ended", user=user.name, reason=getattr(error, "reason", "the provider's decision"))
        await end_access(user)
        self._in_background(stop_servers(self.parent, user))
        return False

    def _note_changes(self, user: Any, groups: set[str]) -> None:
        before = group_names(user)
        if before != groups:
            self.audit.write(
                "groups_changed", user=user.name, added=sorted(groups - before), removed=sorted(before - groups)
            )
        is_admin = is_operator(groups, self.settings.admin_groups)
        if is_operator(before, self.settings.admin_groups) != is_admin:
            self.audit.write("admin_changed", user=user.name, is_admin=is_admin)

    async def sweep(self) -> None:
        """Checks everybody whose server runs, whether or not they are looking at it."""
        limit = asyncio.Semaphore(8)

        async def check(user: Any) -> None:
            async with limit:
                await self.refresh_user(user)

        age = self.settings.refresh_seconds / 2
        users = [user for user in list(self.parent.users.values()) if has_servers(user)]
        due = [user for user in users if self.turns.seconds_since(user.name) > age]
        for user, outcome in zip(due, await asyncio.gather(*map(check, due), return_exceptions=True), strict=True):
            if isinstance(outcome, BaseException):
                self.log.error("The login of %s could not be checked", user.name, exc_info=outcome)

    def _in_background(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def refusal(settings: LoginSettings, identity: Identity) -> str:
    """What somebody reads who has logged in but belongs to no group of this node: whom to ask, and with what."""
    shown = [clean_text(value, 120) for value in identity.group_values[:_MOST_GROUPS_SHOWN]]
    more = len(identity.group_values) - len(shown)
    brought = f"these groups: {', '.join(shown)}{f' and {more} more' if more else ''}" if shown else "no groups"
    return (
        f"You are logged in through {settings.provider.display_name} as {identity.display_name}, but you do not belong "
        f"to any group of {settings.site_name}. Your login brought {brought}. Ask {settings.contact} for access."
    )
