"""Who may start what: the choices shown to a person, and the decision when they start one.

The form only shows. `decide` judges again what comes in, for this person: options may come from the API, from a
link or from an earlier start, and are taken as hostile. What the node has at that moment is the business of
`lifedesk_hub.stock`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.site import Interface, Profile, Site, Size

Name = TypeVar("Name", bound=str)
OPTIONS = ("profile", "size", "interface", "version")


@dataclass(frozen=True)
class Choice:
    """What a session is started with."""

    profile: Profile
    size: Size
    interface: Interface
    version: str | None = None
    """Tag of an earlier build of the profile's image; None for the present one."""

    @property
    def options(self) -> dict[str, str]:
        """The user options that lead to this choice again."""
        chosen = {"profile": self.profile.slug, "size": self.size.slug, "interface": self.interface}
        return chosen if self.version is None else {**chosen, "version": self.version}


def open_profiles(site: Site, groups: Collection[str]) -> tuple[Profile, ...]:
    """The profiles a member of `groups` may start, in the site's order."""
    return tuple(profile for profile in site.profiles if is_open(profile.allowed_groups, groups))


def is_open(allowed_groups: Collection[str], groups: Collection[str]) -> bool:
    """Whether a member of `groups` is admitted; no allowed groups admit everybody."""
    return not allowed_groups or not set(allowed_groups).isdisjoint(groups)


def options_from_form(form: Mapping[str, list[str]]) -> dict[str, str]:
    """User options from the start form's fields: the last value of each field that is filled in, without the page's
    own token."""
    return {name: values[-1] for name, values in form.items() if values and values[-1] and name != "_xsrf"}


def decide(site: Site, groups: Collection[str], options: Mapping[str, object]) -> Choice:
    """What `options` ask for, if a member of `groups` may start it; without options the first that is open.

    Raises `ChoiceRefused`, which lists what is allowed.
    """
    unknown = sorted(str(name)[:40] for name in set(options) - set(OPTIONS))
    if unknown:
        what = "A session has a profile, a size, an interface and a version."
        raise ChoiceRefused(f"Unknown start option {unknown[0]!r}. {what}", "options")
    profiles = {profile.slug: profile for profile in open_profiles(site, groups)}
    if not profiles:
        raise ChoiceRefused(f"No environment is open to you yet. Ask {site.contact}.", "profile")
    wanted = options.get("profile", next(iter(profiles)))
    if not isinstance(wanted, str) or wanted not in profiles:
        raise ChoiceRefused(
            f"{_shown('Profile', wanted)} is not open to you. Choose one of: {', '.join(profiles)}.", "profile"
        )
    profile = profiles[wanted]
    size = _one_of("size", options, profile.sizes, wanted)
    interface = _one_of("interface", options, profile.interfaces, wanted)
    return Choice(profile, site.size(size), interface, _version(profile, options.get("version")))


def _one_of(kind: str, options: Mapping[str, object], offered: tuple[Name, ...], profile: str) -> Name:
    """The one that is wanted of those offered, or the first. Raises `ChoiceRefused`."""
    wanted = options.get(kind, offered[0])
    for name in offered:
        if name == wanted:
            return name
    allowed = ", ".join(offered)
    what = _shown(kind.title(), wanted)
    raise ChoiceRefused(f"{what} is not offered for {profile}. Choose one of: {allowed}.", kind)


def _version(profile: Profile, wanted: object) -> str | None:
    """The earlier version that is wanted, if the site offers it; whether the node still has it is asked elsewhere."""
    if wanted is None:
        return None
    allowed = profile.earlier_versions
    if isinstance(wanted, str) and (allowed is True or (isinstance(allowed, tuple) and wanted in allowed)):
        return wanted
    offered = f"Choose one of: {', '.join(allowed)}, or" if isinstance(allowed, tuple) else "Only its present one is:"
    raise ChoiceRefused(
        f"{_shown('Version', wanted)} is not offered for {profile.slug}. {offered} leave the version out.", "version"
    )


def last_or_first(site: Site, groups: Collection[str], last: Mapping[str, object] | None) -> Choice | None:
    """The person's last choice if it is still open to them, else the first that is; None if nothing is."""
    for options in (last or {}, {}):
        try:
            return decide(site, groups, options)
        except ChoiceRefused:
            continue
    return None


def clipboard_directions(site: Site, profile: Profile) -> str:
    """Where the desktop's clipboard may carry things in sessions of that profile, as the session reads it."""
    node, own = site.desktop.clipboard, profile.desktop.clipboard
    directions = {
        "in": node.inward if own.inward is None else own.inward,
        "out": node.outward if own.outward is None else own.outward,
    }
    return ",".join(name for name, is_allowed in directions.items() if is_allowed)


def _shown(kind: str, value: object) -> str:
    return f"{kind} {value[:40]!r}" if isinstance(value, str) else f"That {kind.lower()}"
