"""Why a login, or the renewal of one, does not work.

LifedeskError
├── LoginRefused (PermissionError)   the provider's answer does not let this person in
│   ├── NotAMember                   they belong to no group of this node
│   └── AnswerNotTrusted             the provider's answer cannot be verified
├── LoginFailed (ValueError)         this attempt cannot be finished; a new one may
├── AccessEnded (PermissionError)    the provider no longer vouches for somebody who was logged in
├── LoginLapsed (PermissionError)    what is known of somebody has become too old, and only a new login can renew it
│   └── RenewalRefused               … because the provider did not renew it when asked
└── ProviderUnreachable (ConnectionError)   no usable answer from the provider
    └── RegistrationRefused          the provider does not accept this node itself

Messages are fit to be shown to the person who logs in. `reason` is a short word for the audit log; `detail` is
for the hub's log only and holds no token.
"""

from __future__ import annotations

from lifedesk_hub.errors import LifedeskError, LoginRefused


class NotAMember(LoginRefused):
    """The person belongs to no group of this node."""

    reason = "no group of this node"

    def __init__(self, message: str, username: str) -> None:
        super().__init__(message)
        self.username = username


class AnswerNotTrusted(LoginRefused):
    """The provider's answer cannot be verified, or names nobody this node could keep apart from others."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class LoginFailed(LifedeskError, ValueError):
    """This attempt to log in cannot be finished; a new one may."""

    def __init__(self, message: str, reason: str, status: int = 400) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


class AccessEnded(LifedeskError, PermissionError):
    """The provider no longer vouches for somebody who was logged in."""


class LoginLapsed(LifedeskError, PermissionError):
    """What is known of somebody has become too old, and only a new login can renew it."""


class RenewalRefused(LoginLapsed):
    """The provider did not renew a login whose time was over: perhaps its session ended there, perhaps the account."""


class ProviderUnreachable(LifedeskError, ConnectionError):
    """No usable answer from the provider: down, too slow, or talking nonsense."""

    reason = "provider unreachable"
    status = 503

    def __init__(self, provider: str, detail: str) -> None:
        super().__init__(self._sentence().format(provider=provider))
        self.detail = detail

    def _sentence(self) -> str:
        return "{provider} cannot be reached at the moment. Try again in a few minutes."


class RegistrationRefused(ProviderUnreachable):
    """The provider does not accept this node: its client_id or client_secret is wrong, or was withdrawn."""

    reason = "registration refused"
    status = 502

    def _sentence(self) -> str:
        return "{provider} does not accept this node itself, so nobody can log in until its operator has seen to it."
