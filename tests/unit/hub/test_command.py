"""The `lifedesk` command as a person types it, as far as it needs no engine."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.support.node import REPOSITORY, lifedesk

SITES = REPOSITORY / "tests" / "sites"


def test_a_good_site_file_is_said_to_be_good() -> None:
    done = lifedesk("check", REPOSITORY / "lifedesk.yaml")
    assert (done.status, done.output) == (0, "lifedesk.yaml: no faults\n")


def test_a_bad_site_file_is_answered_with_its_whole_report_and_status_1() -> None:
    done = lifedesk("check", SITES / "bad" / "impossible-limits.yaml")
    assert done.status == 1
    assert done.errors == (SITES / "bad" / "impossible-limits.report").read_text()


def test_a_bad_site_file_starts_nothing(short_folder: Path) -> None:
    done = lifedesk("up", "--yes", "--site", SITES / "bad" / "unknown-image.yaml", "--state", short_folder)
    assert done.status == 1
    assert "unknown image" in done.errors
    assert not list(short_folder.iterdir())


def test_the_command_works_from_any_folder_and_takes_paths_from_there(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text((REPOSITORY / "lifedesk.yaml").read_text())
    assert lifedesk("check", "mine.yaml", cwd=tmp_path).status == 0


def test_an_image_that_the_site_adds_can_be_named_and_a_broken_recipe_is_said(tmp_path: Path) -> None:
    site = yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text())
    notebook = next(profile for profile in site["profiles"] if profile["image"] == "base")
    notebook["image"] = "cells"
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(site))
    assert "unknown image 'cells'" in lifedesk("check", tmp_path / "mine.yaml").errors
    recipe = tmp_path / "environments" / "cells"
    recipe.mkdir(parents=True)
    for file, text in {"requirements.in": "humanize\n", "requirements.txt": "humanize==4.0\n"}.items():
        (recipe / file).write_text(text)
    (recipe / "environment.toml").write_text('on = "base"\ntitle = "Cells"\n')
    assert lifedesk("check", tmp_path / "mine.yaml").status == 0
    (recipe / "environment.toml").write_text('on = "cellar"\ntitle = "Cells"\n')
    assert "there is no image 'cellar' to stand on" in lifedesk("check", tmp_path / "mine.yaml").errors


def test_show_prints_the_resulting_configuration_as_yaml_with_secrets_masked() -> None:
    done = lifedesk("show", REPOSITORY / "lifedesk.yaml")
    assert done.status == 0, done.errors
    config = yaml.safe_load(done.output)
    assert config["JupyterHub"]["cleanup_servers"] is False
    assert config["ConfigurableHTTPProxy"]["auth_token"] == "********"
    assert "00000000" not in done.output


def test_the_schema_is_a_json_schema_that_the_example_meets() -> None:
    schema = json.loads(lifedesk("schema").output)
    jsonschema.validate(yaml.safe_load((REPOSITORY / "lifedesk.yaml").read_text()), schema)


def test_status_of_a_node_that_never_ran(short_folder: Path) -> None:
    found = json.loads(lifedesk("status", "--json", "--state", short_folder).output)
    assert found == {"url": None, "state": "stopped", "accounts": [], "sessions": []}


def test_down_where_nothing_runs_says_so(short_folder: Path) -> None:
    done = lifedesk("down", "--state", short_folder)
    assert (done.status, done.output.strip()) == (0, "It was not running.")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("bench", "nothing"), "No benchmark named 'nothing'. There are: "),
        (("logs", "nothing", "--state", "/nonexistent"), "No log named 'nothing'"),
        (("check", "/nonexistent/site.yaml"), "cannot be read"),
    ],
)
def test_what_does_not_exist_is_said_in_words(arguments: tuple[str, ...], sentence: str) -> None:
    done = lifedesk(*arguments)
    assert done.status == 1
    assert sentence in done.errors
    assert "Traceback" not in done.errors


def test_an_unknown_tier_is_refused_with_the_known_ones() -> None:
    done = lifedesk("test", "nonsense")
    assert done.status == 2
    assert "There is no tier nonsense. There are: code unit contracts docker" in done.errors


def test_a_state_folder_that_cannot_be_is_said_in_words() -> None:
    for command in (("up", "--yes"), ("down",)):
        done = lifedesk(*command, "--state", "/proc/lifedesk")
        assert done.status == 1
        assert "The state folder /proc/lifedesk cannot be written to (No such file or directory)." in done.errors
        assert "Traceback" not in done.errors


def test_a_site_file_that_is_gone_is_named_whole(short_folder: Path) -> None:
    (short_folder / "site-file").write_text("/srv/gone/lifedesk.yaml\n")
    done = lifedesk("up", "--yes", "--state", short_folder)
    assert done.status == 1
    assert "The site file of this node is not there any more: /srv/gone/lifedesk.yaml. Put it back" in done.errors


def test_usage_names_the_command_as_people_know_it() -> None:
    assert "Usage: lifedesk up" in lifedesk("up", "--port", "99999").errors


def test_help_names_every_command() -> None:
    text = lifedesk("--help").output
    for command in ("up", "down", "status", "logs", "test", "check", "show", "schema", "images", "bench"):
        assert f" {command} " in text
