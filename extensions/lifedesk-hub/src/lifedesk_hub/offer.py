"""What the start form offers a person: the site's environments as far as their groups and the node go."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lifedesk_hub.pages import StartChoice, StartSize, StartVersion
from lifedesk_hub.profiles import Choice, last_or_first, open_profiles
from lifedesk_hub.site import Profile, Site
from lifedesk_hub.stock import Stock, earlier_versions, missing_image


def start_choices(
    site: Site,
    groups: Collection[str],
    last: Mapping[str, object] | None,
    images: Mapping[str, str],
    stock: Stock | None,
) -> list[StartChoice]:
    """The environments open to a member of `groups`, in the site's order, with the `last` options chosen at first.

    `images` maps our images to their present references; without a stock nothing is said of what the node has.
    """
    chosen = last_or_first(site, groups, last)
    return [_choice(site, profile, chosen, images, stock) for profile in open_profiles(site, groups)]


def _choice(
    site: Site, profile: Profile, last: Choice | None, images: Mapping[str, str], stock: Stock | None
) -> StartChoice:
    chosen = last if last is not None and last.profile == profile else None
    size_chosen = chosen.size.slug if chosen else profile.sizes[0]
    missing = missing_image(profile, images, stock) if stock else ""
    gpus = stock.gpus.words(profile.gpus) if stock and profile.gpus else ""
    lacks_gpus = stock is not None and stock.gpus.total < profile.gpus
    return StartChoice(
        slug=profile.slug,
        display_name=profile.display_name,
        description=profile.description,
        sizes=tuple(
            StartSize(size.slug, size.display_name, size.cpu_limit, size.mem_limit, size.slug == size_chosen)
            for size in map(site.size, profile.sizes)
        ),
        interfaces=profile.interfaces,
        first_interface=chosen.interface if chosen else profile.interfaces[0],
        versions=tuple(
            StartVersion(version.tag, version.words, chosen is not None and chosen.version == version.tag)
            for version in (earlier_versions(profile, images, stock) if stock else ())
        ),
        selected=chosen is not None,
        notes=tuple(note for note in (missing, gpus) if note),
        can_start=not (missing or lacks_gpus),
    )
