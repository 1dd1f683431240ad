"""Environments of one's own, made with this machine's Python over the environment that runs the tests."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from lifedesk_lab.environments import command, make, renew
from lifedesk_lab.environments.door import adds_packages, without_user
from lifedesk_lab.environments.errors import OwnEnvironmentError
from lifedesk_lab.environments.places import (
    Environment,
    Image,
    activate,
    all_environments,
    environments_folder,
    named,
    show_to_session,
    this_image,
)
from tests.support.wheels import write_wheel


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Image:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return this_image()


@pytest.fixture
def environment(image: Image) -> Environment:
    made = named("my-packages", image)
    make.make(made, image)
    return made


def pip_installs(environment: Environment, *words: str) -> None:
    """Run the pip of this machine for `environment`, with no index and no settings."""
    command = ["uv", "pip", "install", "--quiet", "--offline", "--no-index", "--no-cache", "--no-config"]
    subprocess.run([*command, "--python", str(environment.python), *words], check=True)


def test_what_the_image_has_is_seen_behind_what_is_ones_own(environment: Environment) -> None:
    (environment.site_packages / "pytest.py").write_text("mine = True\n")
    program = "import pytest, pydantic; print(pytest.mine, pydantic.__file__)"
    printed = subprocess.run(
        [environment.python, "-c", program], check=True, capture_output=True, text=True, env={}
    ).stdout
    assert printed == f"True {this_image().site_packages}/pydantic/__init__.py\n"


def test_each_image_and_python_has_its_own_folder(image: Image) -> None:
    imaging = Image("imaging", image.prefix, (3, 13))
    later = Image("imaging", image.prefix, (3, 14))
    assert environments_folder(imaging).name == "imaging-python3.13"
    assert environments_folder(later).name == "imaging-python3.14"


@pytest.mark.parametrize("name", ["", "Cells", "a b", "../up", "python3", "-x", "x" * 33, ".before"])
def test_a_name_that_cannot_be_a_folder_or_is_taken_is_refused(image: Image, name: str) -> None:
    with pytest.raises(OwnEnvironmentError, match="cannot name an environment") as refused:
        named(name, image)
    assert repr(name) in str(refused.value)


def test_two_kernels_that_start_at_once_make_one_environment(image: Image) -> None:
    wanted = named("my-packages", image)
    threads = [threading.Thread(target=make.ready, args=(wanted, image)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    make.check(wanted)


def test_what_an_interrupted_start_left_is_made_anew(environment: Environment, image: Image) -> None:
    environment.record.unlink()
    environment.python.unlink()
    make.ready(environment, image)
    make.check(environment)


def test_nothing_stays_of_an_environment_that_could_not_be_made(image: Image) -> None:
    wanted = named("my-packages", Image(image.name, image.prefix, (9, 9)))  # EnvBuilder makes no folder for that
    with pytest.raises(OwnEnvironmentError, match="'my-packages' cannot be made: No such file or directory"):
        make.make(wanted, image)
    assert not wanted.folder.exists()


def test_a_named_environment_is_not_made_by_asking_for_its_kernel(image: Image) -> None:
    with pytest.raises(OwnEnvironmentError, match="make it: lifedesk-environment new cells"):
        make.ready(named("cells", image), image)


def test_a_damaged_environment_is_told_with_its_remedy(environment: Environment) -> None:
    environment.python.unlink()
    with pytest.raises(OwnEnvironmentError, match="lifedesk-environment renew my-packages"):
        make.check(environment)


def test_what_was_asked_for_is_listed_without_what_came_along(environment: Environment, tmp_path: Path) -> None:
    write_wheel(tmp_path, "needed", "1.0", {"needed.py": ""})
    write_wheel(tmp_path, "wanted", "2.0", {"wanted.py": ""}, requires=["needed"])
    pip_installs(environment, "--find-links", str(tmp_path), "wanted")
    assert {found.name for found in make.own_packages(environment)} == {"needed", "wanted"}
    (environment.site_packages / "needed-1.0.dist-info" / "REQUESTED").unlink()  # uv marks all, pip what was named
    assert make.requirements(environment) == ["wanted==2.0"]
    assert make.requirements(environment, with_versions=False) == ["wanted"]


def test_a_package_from_elsewhere_is_listed_with_its_address(environment: Environment, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "wanted", "2.0", {"wanted.py": ""})
    pip_installs(environment, str(wheel))
    assert make.requirements(environment) == [f"wanted @ {wheel.as_uri()}"]


def test_a_renewal_that_fails_leaves_everything_as_it_was(
    environment: Environment, image: Image, tmp_path: Path
) -> None:
    write_wheel(tmp_path, "wanted", "2.0", {"wanted.py": ""})
    pip_installs(environment, "--find-links", str(tmp_path), "wanted")
    # Here is no image that pip would be led through, so that installing anew cannot succeed.
    with pytest.raises(OwnEnvironmentError, match=r"could not be installed.*wanted==2\.0"):
        renew.renew(environment, image, lambda text: None)
    assert make.requirements(environment) == ["wanted==2.0"]
    assert [entry.name for entry in environment.folder.parent.iterdir()] == ["my-packages"]


def test_there_is_nothing_to_renew_where_nothing_is(image: Image) -> None:
    with pytest.raises(OwnEnvironmentError, match="no environment 'my-packages' to make anew"):
        renew.renew(named("my-packages", image), image, lambda text: None)


def test_the_command_lists_what_there_is_and_removes_it(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [found for _, found in all_environments()] == [environment]
    assert command.main(["list"]) == 0
    assert "usable here" in capsys.readouterr().out
    assert command.main(["remove", "my-packages", "--yes"]) == 0
    assert command.main(["remove", "my-packages", "--yes"]) == 1
    assert "There is no environment 'my-packages' here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "adds"),
    [
        (["install", "x"], True),
        (["-q", "install", "x"], True),
        (["install", "--target=/tmp/x", "x"], False),
        (["install", "-h"], False),
        (["list"], False),
        ([], False),
    ],
)
def test_only_what_installs_here_makes_an_environment(words: list[str], adds: bool) -> None:
    assert adds_packages(words) is adds


def test_user_means_the_same_as_nothing() -> None:
    assert without_user(["runner", "install", "--user", "x"]) == ["runner", "install", "x"]


def test_a_session_finds_its_environments_and_their_kernels(image: Image) -> None:
    variables = {"JUPYTER_PATH": "/elsewhere"}
    show_to_session(variables, image)
    folder = environments_folder(image)
    assert variables == {"LIFEDESK_ENVIRONMENTS": str(folder), "JUPYTER_PATH": f"{folder}/.jupyter:/elsewhere"}


def test_programs_of_the_active_environment_come_first(environment: Environment) -> None:
    variables = {"PATH": "/usr/bin"}
    activate(variables, environment)
    assert variables["PATH"].split(":") == [f"{environment.folder}/bin", "/opt/lifedesk/terminal", "/usr/bin"]
    assert variables["VIRTUAL_ENV"] == str(environment.folder)
