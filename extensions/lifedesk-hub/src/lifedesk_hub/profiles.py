"""Who may start what: the choices shown to a person, and the decision when they start one.

The form only shows. `decide` judges again what comes in, for this person: options may come from the API, from a
link or from an earlier start, and are taken as hostile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.site import Profile, Site, Size


@dataclass(frozen=True)
class Choice:
    """What a session is started with."""

    profile: Profile
    size: Size

    @property
    def options(self) -> dict[str, str]:
        """The user options that lead to this choice again."""
        return {"profile": self.profile.slug, "size": self.size.slug}


def open_profiles(site: Site, groups: Collection[str]) -> tuple[Profile, ...]:
    """The profiles a member of `groups` may start, in the site's order."""
    return tuple(profile for profile in site.profiles if is_open(profile.allowed_groups, groups))


def is_open(allowed_groups: Collection[str], groups: Collection[str]) -> bool:
    """Whether a member of `groups` is admitted; no allowed groups admit everybody."""
    return not allowed_groups or not set(allowed_groups).isdisjoint(groups)


def options_from_form(form: Mapping[str, list[str]]) -> dict[str, str]:
    """User options from the start form's fields: the last value of each field given, without the page's own token."""
    return {name: values[-1] for name, values in form.items() if values and name != "_xsrf"}


def decide(site: Site, groups: Collection[str], options: Mapping[str, object]) -> Choice:
    """What `options` ask for, if a member of `groups` may start it; without options the first that is open.

    Raises `ChoiceRefused`, which lists what is allowed.
    """
    unknown = sorted(str(name)[:40] for name in set(options) - {"profile", "size"})
    if unknown:
        raise ChoiceRefused(f"Unknown start option {unknown[0]!r}. A session has a profile and a size.", "options")
    profiles = {profile.slug: profile for profile in open_profiles(site, groups)}
    if not profiles:
        raise ChoiceRefused(f"No environment is open to you yet. Ask {site.contact}.", "profile")
    wanted = options.get("profile", next(iter(profiles)))
    if not isinstance(wanted, str) or wanted not in profiles:
        raise ChoiceRefused(
            f"{_shown('Profile', wanted)} is not open to you. Choose one of: {', '.join(profiles)}.", "profile"
        )
    profile = profiles[wanted]
    size = options.get("size", profile.sizes[0])
    if not isinstance(size, str) or size not in profile.sizes:
        allowed = ", ".join(profile.sizes)
        raise ChoiceRefused(f"{_shown('Size', size)} is not offered for {wanted}. Choose one of: {allowed}.", "size")
    return Choice(profile, site.size(size))


def last_or_first(site: Site, groups: Collection[str], last: Mapping[str, object] | None) -> Choice | None:
    """The person's last choice if it is still open to them, else the first that is; None if nothing is."""
    for options in (last or {}, {}):
        try:
            return decide(site, groups, options)
        except ChoiceRefused:
            continue
    return None


def _shown(kind: str, value: object) -> str:
    return f"{kind} {value[:40]!r}" if isinstance(value, str) else f"That {kind.lower()}"
