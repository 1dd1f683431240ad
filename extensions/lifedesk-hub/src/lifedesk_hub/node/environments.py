"""Images that a site adds to ours, made from a list of packages: in `environments/NAME/` beside its site file.

images/added.py says what is in such a folder, and builds from it.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import docker

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node import image_check, images
from lifedesk_hub.node.lock import entries, lock, normal
from lifedesk_hub.node.requirement_files import read_requirements
from lifedesk_hub.node.state import added_images, known_images, write_whole
from lifedesk_hub.node.steps import Steps

DEFAULT_PARENT = "base"
RECIPE, ASKED_FOR, LOCK = "environment.toml", "requirements.in", "requirements.txt"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Wanted:
    """What the operator asked for; without `parent` and `title` they stay as they were."""

    file: Path
    name: str
    parent: str | None = None
    title: str | None = None


def make(wanted: Wanted, site_file: Path, client: docker.DockerClient, steps: Steps) -> str:
    """Make the image and keep its recipe beside the site file; the image's tag. Raises `NodeError`.

    Nothing stays of what could not be finished: an earlier recipe of that name is replaced at the very end only.
    """
    folder = added_images(site_file) / wanted.name
    parent, title = _settled(wanted, folder)
    with steps.step("Requirements") as step:
        asked_for = read_requirements(wanted.file)
        step.outcome = ", ".join(asked_for)
    with steps.step("Releases") as step:
        text = lock(asked_for, parent, images.locked_packages(parent))
        added = [name for name, _ in entries(text)]
        step.outcome = f"{len(added)} packages on top of {parent}"
    with tempfile.TemporaryDirectory(prefix="lifedesk-environment-") as made:
        recipe = Path(made, wanted.name)
        values = f"on = {json.dumps(parent)}\ntitle = {json.dumps(title, ensure_ascii=False)}\n"
        write_whole(recipe / RECIPE, values, mode=0o644)
        write_whole(recipe / ASKED_FOR, "".join(f"{line}\n" for line in asked_for), mode=0o644)
        write_whole(recipe / LOCK, text, mode=0o644)
        tag = _built(wanted.name, Path(made), client, steps, {normal(_name_of(line)) for line in asked_for})
        _keep(recipe, folder)
    return tag


def _keep(recipe: Path, folder: Path) -> None:
    """Put the files of `recipe` into `folder`, all of them or none; others in it stay. Raises `OSError`."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    files = {file: folder / f".{file.name}.part" for file in sorted(recipe.iterdir())}
    try:
        for file, part in files.items():
            shutil.copyfile(file, part)
        for file, part in files.items():
            part.replace(folder / file.name)
    except BaseException:
        for part in files.values():
            part.unlink(missing_ok=True)
        if is_new:
            shutil.rmtree(folder)
        raise


def _settled(wanted: Wanted, folder: Path) -> tuple[str, str]:
    """Parent and title of the image. Raises `NodeError` for a name or a parent that cannot be."""
    known = known_images()
    if not _NAME.fullmatch(wanted.name) or wanted.name in known:
        why = "one of ours has that name" if wanted.name in known else "use up to 32 small letters, digits and hyphens"
        raise NodeError(f"{wanted.name!r} cannot name an image: {why}. Choose another one with --name.")
    try:
        before = tomllib.loads((folder / RECIPE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    parent = wanted.parent or str(before.get("on", DEFAULT_PARENT))
    if parent not in known:
        raise NodeError(f"There is no image {parent!r} to stand on. Choose with --on: {', '.join(known)}.")
    return parent, wanted.title or str(before.get("title", wanted.name))


def _built(name: str, recipes: Path, client: docker.DockerClient, steps: Steps, packages: set[str]) -> str:
    """The tag of the image, built and checked; an image that fails the check is removed again."""
    tag = images.image_tags(recipes)[name]
    with steps.step("Image") as step:
        made = images.build([name], None, step.note, recipes)
        step.outcome = f"made {', '.join(made)}" if made else "there"
    with steps.step("Check") as step:
        found = image_check.faults(client, tag, packages)
        if found:
            if name in made:
                client.images.remove(tag, force=True)
            raise NodeError(
                "\n".join([f"The image {name!r} was made, but does not work; it was removed again.", *found])
            )
        step.outcome = "packages can be imported, the server starts"
    return tag


def _name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
