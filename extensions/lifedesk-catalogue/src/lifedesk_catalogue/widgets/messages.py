"""What a view may ask of the kernel: small frozen values, checked on arrival."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SearchFor(_Message):
    """Search these archives for these words."""

    kind: Literal["search"] = "search"
    query: str = Field(max_length=1000)
    archives: tuple[str, ...]


class ChooseArchives(_Message):
    """The archives that the next search is to ask."""

    kind: Literal["archives"] = "archives"
    names: tuple[str, ...]


class Ping(_Message):
    """Is the kernel there? The answer to any message says so."""

    kind: Literal["ping"] = "ping"


class LoadMore(_Message):
    """The next results of the archives that have more."""

    kind: Literal["more"] = "more"


class Select(_Message):
    """Show one result in full."""

    kind: Literal["select"] = "select"
    key: str


class Back(_Message):
    """Back to the list."""

    kind: Literal["back"] = "back"


class FilterFiles(_Message):
    """List only the files whose name contains this."""

    kind: Literal["filter"] = "filter"
    text: str = Field(max_length=1000)


class ChooseFile(_Message):
    """Take one file along, or not."""

    kind: Literal["choose"] = "choose"
    name: str
    is_chosen: bool


class ChooseListed(_Message):
    """Take along, or not, every file that passes the filter."""

    kind: Literal["choose-listed"] = "choose-listed"
    is_chosen: bool


class StartPull(_Message):
    """Pull the chosen files; again after a stop, go on with it."""

    kind: Literal["pull"] = "pull"


class CancelPull(_Message):
    """Stop the pull."""

    kind: Literal["cancel"] = "cancel"


class Open(_Message):
    """Open what was pulled, or the site's own data in place; `path` chooses one of several."""

    kind: Literal["open"] = "open"
    path: str | None = None


class WantThumbnail(_Message):
    """The picture of a result has come into sight."""

    kind: Literal["thumbnail"] = "thumbnail"
    key: str


Message = Annotated[
    SearchFor
    | ChooseArchives
    | Ping
    | LoadMore
    | Select
    | Back
    | FilterFiles
    | ChooseFile
    | ChooseListed
    | StartPull
    | CancelPull
    | Open
    | WantThumbnail,
    Field(discriminator="kind"),
]
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def parse_message(content: object) -> Message:
    """The message a view sent. Raises `pydantic.ValidationError` for anything else."""
    return _MESSAGE.validate_python(content)
