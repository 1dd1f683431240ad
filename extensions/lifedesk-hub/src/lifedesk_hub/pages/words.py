"""What the hub's pages say: people's names, what a session is, and what went wrong, in plain words.

Exceptions reach a page with texts made for a log. Only those made for people are shown: that of a `SpawnException`,
that of a `LifedeskError`, and JupyterHub's `jupyterhub_message`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jupyterhub.spawner import SpawnException

from lifedesk_hub.errors import LifedeskError
from lifedesk_hub.login.names import display_name
from lifedesk_hub.singleuser import DEFAULT_URLS
from lifedesk_hub.site import Profile, Site, Size


@dataclass(frozen=True)
class Trouble:
    """What went wrong and what to do about it, for the person on the page."""

    heading: str
    sentence: str
    advice: str


EXPIRED_PAGE = Trouble(
    "This page is too old", "It was open for too long to be used.", "Go back, load it anew and try again."
)
CROWDED = Trouble("The node is busy", "Too many sessions run or start right now.", "Try again in a few minutes.")
NODE_TROUBLE = Trouble(
    "Something went wrong",
    "The node could not do what you asked. Your files are not touched by this.",
    "Try again in a minute.",
)
SILENT_SESSION = Trouble(
    "Your session does not answer",
    "It may have stopped, or the node may be starting anew.",
    "Open the home page to see how your session is, and start it again there.",
)
BY_STATUS = {
    400: Trouble("That did not work", "The node could not read this request.", "Go back and try again."),
    403: Trouble("No access", "This page is not open to you.", "Go to the home page, or log in with another account."),
    404: Trouble(
        "Page not found", "There is nothing at this address.", "Check the address, or begin at the home page."
    ),
    405: Trouble("That did not work", "This address cannot be opened that way.", "Go to the home page."),
    429: CROWDED,
    502: SILENT_SESSION,
    503: SILENT_SESSION,
    504: SILENT_SESSION,
}

_OPENED = {"lab": "JupyterLab", "desktop": "the desktop"}
_INTERFACE_NAMES = {"lab": "JupyterLab", "desktop": "Desktop"}
_SPAWN_EXCEPTION = re.compile(r"^\d{3} \w+\(reason=[^)]*\): ")
_HTTP_ERROR = re.compile(r"^HTTP (?P<status>\d{3}): ")


@dataclass(frozen=True)
class Words:
    """The words of one site's pages; templates know it as `words`."""

    site: Site

    def name(self, user: Any) -> str:
        """What a person is called: by the identity provider, never by the hub's own name for them."""
        return display_name(user)

    def session(self, options: Mapping[str, object] | None) -> str:
        """A session by its environment and size, such as `Imaging, Small`; empty if the site no longer has them."""
        profile, size = self._profile(options), self._size(options)
        if profile is None or size is None:
            return ""
        names = [profile.display_name, size.display_name]
        if len(profile.interfaces) > 1:
            names.append(_INTERFACE_NAMES[self.interface(options)])
        if (options or {}).get("version"):
            names.append("an earlier version")
        return ", ".join(names)

    def interface(self, options: Mapping[str, object] | None) -> str:
        """What a session of these options opens with: `lab` or `desktop`."""
        profile = self._profile(options)
        wanted = str((options or {}).get("interface"))
        if profile is None:
            return "lab"
        return wanted if wanted in profile.interfaces else profile.interfaces[0]

    def other_interfaces(self, options: Mapping[str, object] | None) -> list[tuple[str, str]]:
        """What else a session of these options can be opened with: path below its address, and words after "open"."""
        profile = self._profile(options)
        others = [name for name in profile.interfaces if name != self.interface(options)] if profile else []
        return [(DEFAULT_URLS[name].lstrip("/"), _OPENED[name]) for name in others]

    def ended(self, spawner: Any) -> str:
        """How the person's last session ended by itself, and what to do about it; empty if it did not."""
        match getattr(spawner, "ended", ""):
            case "memory":
                size = self._size(getattr(spawner, "user_options", None))
                amount = f" ({size.mem_limit / 2**30:.3g} GB)" if size else ""
                return (
                    f"It needed more memory than its size has{amount} and was ended by the system. What its programs "
                    "had not saved is lost. Choose a larger size, or work on less at once."
                )
            case "itself":
                return "It ended by itself: its server was stopped from inside, or failed."
        return ""

    def elapsed_seconds(self, started: datetime | None) -> int:
        """Whole seconds since `started`, a time of the hub's database: UTC without saying so."""
        return max(0, int((datetime.now(UTC) - started.replace(tzinfo=UTC)).total_seconds())) if started else 0

    def _profile(self, options: Mapping[str, object] | None) -> Profile | None:
        slug = str((options or {}).get("profile"))
        return next((profile for profile in self.site.profiles if profile.slug == slug), None)

    def _size(self, options: Mapping[str, object] | None) -> Size | None:
        slug = str((options or {}).get("size"))
        return next((size for size in self.site.sizes if size.slug == slug), None)

    def failure(self, exception: BaseException | None) -> Trouble:
        """Why a session did not start."""
        said = _said_to_people(exception)
        if said:
            return Trouble("Your session did not start", said, "")
        if isinstance(exception, TimeoutError):
            sentence = f"It did not answer within {self.site.limits.start_timeout_seconds} seconds, so it was ended."
        else:
            sentence = "The node could not start it."
        return Trouble(
            "Your session did not start", sentence, "Your files are not touched by this. Try again in a minute."
        )

    def refusal(self, message: str, spawner: Any) -> str:
        """The sentence above the start form when what it asked for was not done; `message` is JupyterHub's text."""
        failed = _last_failure(spawner)
        if failed is not None and message in (str(failed), getattr(failed, "jupyterhub_message", None)):
            trouble = self.error(failed.status_code, failed) if _is_hub_error(failed) else self.failure(failed)
            return f"{trouble.sentence} {trouble.advice}".strip()
        if match := _HTTP_ERROR.match(message):
            trouble = self.error(int(match["status"]), None)
            return f"{trouble.sentence} {trouble.advice}"
        return _SPAWN_EXCEPTION.sub("", message)

    def error(self, status_code: int, exception: BaseException | None, message: str = "") -> Trouble:
        """What an error page says; `message` is JupyterHub's text, which is not shown."""
        if "xsrf" in message.lower():
            return EXPIRED_PAGE
        trouble = BY_STATUS.get(status_code, NODE_TROUBLE)
        said = _said_to_people(exception)
        if said and trouble is SILENT_SESSION:
            trouble = NODE_TROUBLE  # the sentence speaks of something else than a session
        return Trouble(trouble.heading, said, "") if said else trouble


def _said_to_people(exception: BaseException | None) -> str:
    if isinstance(exception, SpawnException):
        return str(exception.message)
    for error in (exception, getattr(exception, "__cause__", None)):
        if isinstance(error, LifedeskError):
            return str(error)
    return str(getattr(exception, "jupyterhub_message", "") or "")


def _is_hub_error(exception: BaseException) -> bool:
    return hasattr(exception, "status_code") and not isinstance(exception, SpawnException)


def _last_failure(spawner: Any) -> Any:
    """The exception that ended the last start, as JupyterHub's own pages find it; None if it did not fail."""
    future = getattr(spawner, "_spawn_future", None)
    if future is None or not future.done() or future.cancelled():
        return None
    return future.exception()
