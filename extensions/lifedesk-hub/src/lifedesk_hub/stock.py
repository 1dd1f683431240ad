"""What the node has to start sessions with at this moment, and whether it is enough for a choice.

An engine takes the stock; everything here is computed from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.profiles import Choice
from lifedesk_hub.site import Profile

MOST_NAMED = 8


@dataclass(frozen=True)
class ImageVersion:
    """One build of one of our images that is on the node."""

    tag: str
    """What comes after the colon of its reference."""
    reference: str
    built: datetime
    """In UTC."""
    release: str = ""
    """The release of Lifedesk it was built from; empty if it does not say."""

    @property
    def words(self) -> str:
        """How people read it: `12 November 2026, release 0.1.0`."""
        release = f", release {self.release}" if self.release else ""
        return f"{self.built.day} {self.built:%B %Y}{release}"


@dataclass(frozen=True)
class Gpus:
    """The GPUs of the node."""

    total: int = 0
    free: int = 0
    """How many can be given to a session now."""

    def words(self, wanted: int) -> str:
        """What there is for a session that wants that many, such as `1 GPU: 1 of 2 free`."""
        if not self.total:
            return "No GPU on this node"
        if self.total < wanted:
            return f"{wanted} GPUs: this node has only {self.total}"
        amount = "1 GPU" if wanted == 1 else f"{wanted} GPUs"
        if self.free < wanted:
            free = f"only {self.free} of {self.total} free now" if self.free else f"none free now, {self.total} in use"
            return f"{amount}: {free}"
        return f"{amount}: {self.free} of {self.total} free"


@dataclass(frozen=True)
class Stock:
    """What the node has."""

    versions: Mapping[str, tuple[ImageVersion, ...]] = field(default_factory=dict)
    """Name of one of our images → its builds on the node, the newest first."""
    gpus: Gpus = Gpus()
    being_made: frozenset[str] = frozenset()
    """The images, as profiles name them, that are being built, loaded or fetched now."""


def image_of(profile: Profile, images: Mapping[str, str]) -> str:
    """Reference of the profile's present image; `images` maps our images' names to their present references."""
    return images.get(profile.image, profile.image)


def missing_image(profile: Profile, images: Mapping[str, str], stock: Stock) -> str:
    """Why the present image of the profile cannot be started, in a few words; empty if it can, or nobody knows."""
    if profile.image not in images:
        return "Being fetched" if profile.image in stock.being_made else ""
    if images[profile.image] in {one.reference for one in _builds(profile, stock)}:
        return ""
    return "Being built" if profile.image in stock.being_made else "Its image is not on this node"


def earlier_versions(profile: Profile, images: Mapping[str, str], stock: Stock) -> tuple[ImageVersion, ...]:
    """The earlier builds of the profile's image that are on the node and offered, the newest first."""
    offered = profile.earlier_versions
    return tuple(
        version
        for version in _builds(profile, stock)
        if version.reference != images.get(profile.image)
        and (offered is True or (isinstance(offered, tuple) and version.tag in offered))
    )


def needs_stock(choice: Choice) -> bool:
    """Whether the node has to be looked at before such a session is begun; the engine itself refuses the rest."""
    return choice.version is not None or choice.profile.gpus > 0


def image_to_start(choice: Choice, images: Mapping[str, str], stock: Stock) -> str:
    """Reference of the image to start, if the node has what the choice needs. Raises `ChoiceRefused`."""
    profile = choice.profile
    if profile.gpus > stock.gpus.total:
        words = stock.gpus.words(profile.gpus)
        raise ChoiceRefused(f"{words}, so {profile.display_name} cannot start. Choose another environment.", "gpu")
    if profile.gpus > stock.gpus.free:
        raise ChoiceRefused(f"{stock.gpus.words(profile.gpus)}. Try again when another session has ended.", "gpu")
    if choice.version is None:
        return image_of(profile, images)
    for version in _builds(profile, stock):
        if version.tag == choice.version:
            return version.reference
    raise ChoiceRefused(_gone(choice, earlier_versions(profile, images, stock)), "version")


def _gone(choice: Choice, there: Collection[ImageVersion]) -> str:
    what = f"Version {str(choice.version)[:40]!r} of {choice.profile.display_name} is not on this node."
    if not there:
        return f"{what} There is only the present one: leave the version out."
    named = "; ".join(f"{version.tag} ({version.words})" for version in list(there)[:MOST_NAMED])
    return f"{what} There are: {named}; and the present one, without a version."


def _builds(profile: Profile, stock: Stock) -> tuple[ImageVersion, ...]:
    return stock.versions.get(profile.image, ())
