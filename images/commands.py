"""The command line of `images/build.py`."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from images import bootstrap, engine, listing, versions
from images.added import images_with_added, locked_packages, read_added_folders
from images.plan import Image, PlanError, read_ancestors, read_images, with_parents

ROOT = Path(__file__).resolve().parent.parent
DEBIAN = "debian"


@dataclass
class Report:
    """Tells what happens to one image: a JSON object per line, or plain lines.

    The keys are image, event (start, step, done, skip or failed), step, steps, text, seconds (since start).
    """

    image: str
    as_json: bool
    steps: int = 0
    step: int = 0
    begun: float = field(default_factory=time.monotonic)

    def say(self, event: str, text: str) -> None:
        seconds = round(time.monotonic() - self.begun, 1)
        if self.as_json:
            told = {"image": self.image, "event": event, "step": self.step, "steps": self.steps}
            _write(json.dumps({**told, "text": text, "seconds": seconds}))
        else:
            position = f" {self.step}/{self.steps}" if event == "step" and self.steps else ""
            _write(f"{self.image:<8} {seconds:>6.1f} s  {event}{position}: {text}")

    def on_step(self, step: int, text: str) -> None:
        self.step = step
        self.say("step", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 and a sentence on standard error when it cannot be done."""
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.command
    try:
        return command(chosen)
    except (PlanError, engine.EngineError, bootstrap.BootstrapError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was built so far is kept and used by the next build.\n")
        return 130


def list_images(chosen: argparse.Namespace) -> int:
    """Each image's tag, parent, sizes by layer, budget and earlier versions; what was never measured is, for --json."""
    docker = engine.find_docker()
    measures = (chosen.json and not chosen.known) or chosen.write
    chosen.names = [] if chosen.write else chosen.names
    found = listing.rows(docker, ROOT, _chosen(chosen), _say_measured if measures else None)
    if chosen.write:
        if missing := [row.name for row in found if not row.built]:
            raise PlanError(f"The sizes of {', '.join(missing)} are not known. Run images/build.py build first.")
        listing.write_table(ROOT, listing.table(found, listing.read_budgets(ROOT)))
    _write(
        json.dumps([row.as_json() for row in found], indent=1) if chosen.json else "\n".join(map(listing.line, found))
    )
    return 0


def prune_images(chosen: argparse.Namespace) -> int:
    """Remove earlier versions of images, but for the newest, those that containers are made from, and those named."""
    docker = engine.find_docker()
    images = _chosen(chosen)
    there = [
        version for version in versions.on_this_machine(docker) if version.name in {image.name for image in images}
    ]
    present = {image.tag for image in images}
    going = versions.to_remove(there, chosen.keep, present, set(chosen.keep_tag), versions.in_use(docker))
    for version in going:
        if not chosen.dry_run:
            versions.remove(docker, version.tag)
        if not chosen.json:
            _write(f"{version.tag}, made {version.created[:16]}, {version.size_bytes / 1e6:.0f} MB")
    if chosen.json:
        _write(json.dumps([version.tag for version in going]))
    return 0


def print_tags(chosen: argparse.Namespace) -> int:
    """The tag of each image; computed, whether it is built or not."""
    tags = {image.name: image.tag for image in _chosen(chosen)}
    _write(json.dumps(tags, indent=1) if chosen.json else "\n".join(tags.values()))
    return 0


def print_ancestors(chosen: argparse.Namespace) -> int:
    """The images that each image stands on, the nearest first; computed, whether they are built or not."""
    ancestors = read_ancestors(ROOT)
    for added in read_added_folders(chosen.environments, ancestors).values() if chosen.environments else ():
        ancestors[added.name] = [added.parent, *ancestors[added.parent]]
    _write(json.dumps(ancestors) if chosen.json else "\n".join(" on ".join([n, *on]) for n, on in ancestors.items()))
    return 0


def print_packages(chosen: argparse.Namespace) -> int:
    """The Python packages locked for one of our images, with those of the images it stands on."""
    packages = locked_packages(ROOT, read_images(ROOT), chosen.name)
    _write(json.dumps(packages) if chosen.json else "\n".join(f"{name}=={it}" for name, it in packages.items()))
    return 0


def build_images(chosen: argparse.Namespace) -> int:
    """Build what is missing, parents first; nothing is done for an image that is there."""
    docker = engine.find_docker(can_build=True)
    for image in _chosen(chosen):
        report = Report(image.name, chosen.json, image.steps)
        if built := engine.find_image(docker, image.tag):
            report.say("skip", f"{built.tag} is there")
            continue
        try:
            if not _loaded(docker, image, chosen.archive_dir, report):
                parent = _parent(docker, image, chosen.json)
                report.begun = time.monotonic()
                report.say("start", f"{image.tag} on {parent}")
                engine.build(docker, ROOT, image, parent, report.on_step)
        except (engine.EngineError, bootstrap.BootstrapError) as error:
            report.say("failed", str(error))
            if chosen.json:
                return 1
            raise engine.EngineError(f"The image {image.name!r} could not be built.") from error
        built = engine.find_image(docker, image.tag)
        report.say("done", f"{image.tag}, {built.size_bytes / 1e6:.0f} MB" if built else image.tag)
    return 0


def save_images(chosen: argparse.Namespace) -> int:
    """Write built images to files that `build --archive-dir` and `load` take."""
    docker = engine.find_docker()
    chosen.archive_dir.mkdir(parents=True, exist_ok=True)
    for image in _chosen(chosen):
        archive = chosen.archive_dir / _archive_name(image)
        engine.save(docker, image.tag, archive)
        _write(str(archive))
    return 0


def load_images(chosen: argparse.Namespace) -> int:
    """Load files that `save` wrote."""
    docker = engine.find_docker()
    for archive in chosen.files:
        _write("\n".join(engine.load(docker, archive)))
    return 0


def _loaded(docker: str, image: Image, folder: Path | None, report: Report) -> bool:
    archive = folder / _archive_name(image) if folder else None
    if not archive or not archive.exists():
        return False
    report.say("start", f"{image.tag} from {archive}")
    if image.tag in engine.load(docker, archive):
        return True
    report.say("step", f"{archive} does not hold {image.tag}; building it")
    return False


def _parent(docker: str, image: Image, as_json: bool) -> str:
    """The tag to build `image` on; a Debian image is pulled, or made here when no registry answers."""
    if image.parent_name:
        return read_images(ROOT)[image.parent_name].tag
    if engine.find_image(docker, image.parent):
        return image.parent
    made = f"lifedesk/{DEBIAN}:{bootstrap.SUITE}-{hashlib.sha256(bootstrap.RECIPE.encode()).hexdigest()[:12]}"
    if engine.find_image(docker, made):
        return made
    report = Report(DEBIAN, as_json)
    report.say("start", f"pulling {image.parent}")
    if reason := engine.pull(docker, image.parent):
        report.say("step", f"{image.parent} could not be pulled ({reason}); making it from Debian packages")
        bootstrap.make(docker, made, lambda text: report.say("step", text))
        report.say("done", made)
        return made
    report.say("done", image.parent)
    return image.parent


def _chosen(chosen: argparse.Namespace) -> list[Image]:
    return with_parents(images_with_added(ROOT, read_images(ROOT), chosen.environments), chosen.names)


def _archive_name(image: Image) -> str:
    return f"{image.name}-{image.recipe}.tar"


def _say_measured(tag: str) -> None:
    sys.stderr.write(f"Measuring the layers of {tag}, once …\n")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="images/build.py", description="Plan, build, list, save and load the images.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=(command.__doc__ or "").strip(), description=command.__doc__)
        added.set_defaults(command=command)
        added.add_argument("--environments", type=Path, metavar="DIR", help="folder of the images that a site adds")
        return added

    listed = (("list", list_images), ("tags", print_tags), ("build", build_images), ("prune", prune_images))
    for name, command in listed:
        named = add(name, command)
        named.add_argument("names", nargs="*", metavar="NAME", help="all images when none is named")
        named.add_argument("--json", action="store_true", help="for programs; build: one object per line")
        if name == "list":
            named.add_argument("--known", action="store_true", help="measure nothing: null where a size is not known")
            named.add_argument("--write", action="store_true", help="put the sizes into images/README.md")
        if name == "prune":
            named.add_argument("--keep", type=int, default=2, metavar="N", help="newest earlier versions that stay (2)")
            named.add_argument("--keep-tag", action="append", default=[], metavar="TAG", help="stays too; repeatable")
            named.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")
        if name == "build":
            named.add_argument(
                "--archive-dir", type=Path, metavar="DIR", help="load NAME-RECIPE.tar from here if it is there"
            )
    add("ancestors", print_ancestors).add_argument("--json", action="store_true", help="for programs")
    packages = add("packages", print_packages)
    packages.add_argument("name", metavar="NAME")
    packages.add_argument("--json", action="store_true", help="for programs")
    saved = add("save", save_images)
    saved.add_argument("names", nargs="*", metavar="NAME")
    saved.add_argument("--archive-dir", type=Path, metavar="DIR", required=True)
    add("load", load_images).add_argument("files", nargs="+", type=Path, metavar="FILE")
    return parser
