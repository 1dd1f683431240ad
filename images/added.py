"""Images that a site adds: a folder each beside its lifedesk.yaml, on top of one of ours, without a Dockerfile.

`lifedesk images from-environment` writes them. In `environments/NAME/`:

    environment.toml    on = "imaging"          the image of ours that it stands on
                        title = "Cell tracking" what people call it
    requirements.in     the packages it adds, as they were asked for
    requirements.txt    the same with all they need and their hashes, without what `on` has already

Equal files on an equal parent give an equal tag.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from images.plan import OWN, Image, PlanError, normal, pins, read_dockerfile, recipe_of, source_files, with_parents

DOCKERFILE = "images/environment.Dockerfile"
RECIPE = "environment.toml"
ASKED_FOR = "requirements.in"
LOCK = "requirements.txt"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Added:
    """What a folder says about the image it is for."""

    name: str
    parent: str
    title: str
    asked_for: str
    lock: str


def read_added_folders(folder: Path, known: Mapping[str, object]) -> dict[str, Added]:
    """The recipes below `folder`, by name; none if there is no such folder. `known` are our own images.

    Raises `PlanError`.
    """
    return {recipe.parent.name: read_added(recipe.parent, known) for recipe in sorted(folder.glob(f"*/{RECIPE}"))}


def read_added(folder: Path, known: Mapping[str, object]) -> Added:
    """The recipe in `folder`. Raises `PlanError`, which says what to change."""
    name, where = folder.name, folder / RECIPE
    if not _NAME.fullmatch(name) or name in known:
        why = "one of ours has that name" if name in known else "use small letters, digits and hyphens"
        raise PlanError(f"{folder}: {name!r} cannot name an image: {why}. Rename the folder.")
    try:
        values = tomllib.loads(where.read_text(encoding="utf-8"))
        asked_for = (folder / ASKED_FOR).read_text(encoding="utf-8")
        lock = (folder / LOCK).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise PlanError(f"{folder} cannot be read: {error}. Make it anew: lifedesk images from-environment.") from error
    parent, title = values.get("on"), values.get("title")
    if set(values) != {"on", "title"} or not isinstance(parent, str) or not isinstance(title, str):
        raise PlanError(f'{where}: write two lines and no others: on = "NAME" and title = "…".')
    if parent not in known:
        raise PlanError(f"{where}: there is no image {parent!r} to stand on. There are: {', '.join(known)}.")
    return Added(name, parent, title, asked_for, lock)


def images_with_added(root: Path, images: Mapping[str, Image], folder: Path | None) -> dict[str, Image]:
    """Our `images` and those added below `folder`, parents before children. Raises `PlanError`."""
    added = read_added_folders(folder, images) if folder else {}
    return {**images, **{name: _image(root, one, images[one.parent]) for name, one in added.items()}}


def locked_packages(root: Path, images: Mapping[str, Image], name: str) -> dict[str, str]:
    """Package → version of everything that is locked for our image `name` and those it stands on.

    Raises `PlanError` for a name that no image has.
    """
    locked: dict[str, str] = {}
    for image in with_parents(images, [name]):
        lock = root / "requirements" / f"{image.name}.txt"
        locked |= pins(lock.read_text(encoding="utf-8")) if lock.exists() else {}
    return locked


def _image(root: Path, added: Added, parent: Image) -> Image:
    dockerfile = read_dockerfile((root / DOCKERFILE).read_text(encoding="utf-8"), DOCKERFILE, given=("environment",))
    files = source_files(root, [DOCKERFILE, *dockerfile.sources], DOCKERFILE)
    wanted = {normal(found) for found in re.findall(r"(?m)^([\w.-]+)", added.asked_for)}
    software = {package: version for package, version in pins(added.lock).items() if package in wanted}
    labels = {
        **parent.labels,
        "eu.lifedesk.image": added.name,
        "eu.lifedesk.software": json.dumps(
            {**json.loads(parent.labels["eu.lifedesk.software"]), **software}, sort_keys=True
        ),
        "org.opencontainers.image.title": added.title,
        "org.opencontainers.image.description": f"{added.parent} with {', '.join(sorted(software))}",
    }
    given = {"environment/requirements.in": added.asked_for, "environment/requirements.txt": added.lock}
    recipe = recipe_of(root, files, labels, parent.recipe, given)
    return Image(added.name, f"{OWN}{added.parent}", (), files, labels, dockerfile.steps, recipe, DOCKERFILE, given)
