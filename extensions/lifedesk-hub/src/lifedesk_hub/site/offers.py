"""What people can start: environments with their sizes, how they open, and what the desktop's clipboard may do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lifedesk_hub.site.types import Bytes, Closed, Cores, EarlierVersions, Sentence, Slug, Text, Whole

Interface = Literal["lab", "desktop"]


class Clipboard(Closed):
    """In which directions people can copy and paste between the desktop and their own computer."""

    inward: bool = Field(default=True, alias="in")
    """From a person's own computer into the desktop."""
    outward: bool = Field(default=True, alias="out")
    """From the desktop to a person's own computer. It is no wall: what a person sees can be written down."""


class Desktop(Closed):
    """What holds for every desktop of the node."""

    clipboard: Clipboard = Clipboard()
    """In which directions its clipboard works."""


class ProfileClipboard(Closed):
    """What is different about the clipboard in one profile; what is left out is as in the whole node."""

    inward: bool | None = Field(default=None, alias="in")
    """From a person's own computer into the desktop."""
    outward: bool | None = Field(default=None, alias="out")
    """From the desktop to a person's own computer."""


class ProfileDesktop(Closed):
    """What is different about the desktop in one profile."""

    clipboard: ProfileClipboard = ProfileClipboard()
    """In which directions its clipboard works."""


class Size(Closed):
    """How much of the node a session may use."""

    slug: Slug
    """Short name that profiles, links and people's remembered choices use."""
    display_name: Sentence
    """What people read on the start form."""
    cpu_limit: Cores
    """Cores a session may use at most."""
    mem_limit: Bytes
    """Memory a session may use at most, such as 2G; at least 256M. A desktop needs 2G or more."""
    cpu_guarantee: Cores | None = None
    """Cores a session gets even when others are busy."""
    mem_guarantee: Bytes | None = None
    """Memory kept for the session; at most mem_limit."""

    @model_validator(mode="after")
    def _is_possible(self) -> Size:
        if self.mem_limit < 256 * 2**20:
            raise ValueError("mem_limit is below 256M: JupyterLab alone would not start")
        if self.cpu_limit < 0.05:
            raise ValueError("cpu_limit is below 0.05 cores: JupyterLab alone would not start in time")
        if self.cpu_guarantee and self.cpu_guarantee > self.cpu_limit:
            raise ValueError("cpu_guarantee is above cpu_limit: promise at most what a session may use")
        if self.mem_guarantee and self.mem_guarantee > self.mem_limit:
            raise ValueError("mem_guarantee is above mem_limit: promise at most what a session may use")
        return self


class Profile(Closed):
    """An environment that people can start: an image, its sizes, and the groups it is open to."""

    slug: Slug
    """Short name that links and people's remembered choices use."""
    display_name: Sentence
    """What people read on the start form."""
    description: Sentence
    """What it is good for, in a sentence on the start form."""
    image: Text
    """A folder under images/, or a full reference with tag or digest of an image made elsewhere."""
    sizes: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Slugs of the sizes offered, the usual one first."""
    allowed_groups: tuple[Slug, ...] = ()
    """Groups that may start it; left out, everybody with access to the node may."""
    interfaces: Annotated[tuple[Interface, ...], Field(min_length=1)] = ("lab",)
    """What a session can open with, the usual one first: `lab` is JupyterLab, `desktop` needs an image that stands on
    images/desktop."""
    desktop: ProfileDesktop = ProfileDesktop()
    """What is different about the desktop in this profile."""
    earlier_versions: EarlierVersions = False
    """Whether people may start earlier builds of the image that are still on the node: `true` for all of them, or a
    list of their tags. Only for images of images/."""
    gpus: Annotated[Whole, Field(ge=0, le=64)] = 0
    """GPUs that each session gets, taken from those of the node that are free."""

    @model_validator(mode="after")
    def _names_each_interface_once(self) -> Profile:
        if len(set(self.interfaces)) < len(self.interfaces):
            raise ValueError("interfaces names one of them twice: name each once")
        return self
