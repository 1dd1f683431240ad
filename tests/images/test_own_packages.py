"""Packages of one's own: installed as people do it, seen where they should be, and never in the way of a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

from lifedesk_hub import singleuser
from lifedesk_lab.memory_score import RAISED
from tests.images.session import Hub, Server, run, server
from tests.support.wheels import write_wheel

OWN = "my-packages"
FOLDER = "~/.local/share/lifedesk/environments/base-python3.13"
FROM_WHEELS = (
    "mkdir -p ~/.config/pip && printf '[global]\\nno-index = true\\nfind-links = /wheels\\n' > ~/.config/pip/pip.conf"
)
TRY_IMPORT = """
try:
    import {0}
    print({0}.__name__, getattr({0}, "__version__", ""))
except ImportError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a few packages: one with a command, a newer NumPy, one that breaks every kernel."""
    folder = tmp_path_factory.mktemp("wheels")
    folder.chmod(0o755)
    greeter = {"greeter.py": 'def main():\n    print("good", "morning")\n'}
    write_wheel(folder, "greeter", "1.0", greeter, scripts={"greet": "greeter:main"})
    write_wheel(folder, "greeter", "2.0", greeter)
    write_wheel(folder, "picky", "1.0", {"picky.py": ""}, requires=["greeter<2"])
    write_wheel(folder, "numpy", "99.0", {"numpy/__init__.py": '__version__ = "99.0"\n'})
    write_wheel(folder, "traitlets", "99.0", {"traitlets/__init__.py": 'raise RuntimeError("too new")\n'})
    write_wheel(folder, "jupyter_server", "99.0", {"jupyter_server/__init__.py": 'raise RuntimeError("too new")\n'})
    write_wheel(folder, "large", "1.0", {"large.py": f"content = {'x' * 6_000_000!r}\n"})
    return folder


@pytest.fixture
def tag(image_tags: dict[str, str]) -> str:
    return image_tags["base"]


@contextmanager
def session_in(
    engine: docker.DockerClient, tag: str, hub: Hub, home: str | None, wheels: Path, **changed: Any
) -> Iterator[Server]:
    """A server with that home, whose pip installs from `wheels`."""
    volumes = {str(wheels): {"bind": "/wheels", "mode": "ro"}}
    if home:
        volumes[home] = {"bind": singleuser.HOME, "mode": "rw"}
    with server(engine, tag, hub, volumes=volumes, **changed) as started:
        started.shell(FROM_WHEELS)
        yield started


@pytest.fixture
def session(docker_engine: docker.DockerClient, tag: str, hub: Hub, home: str, wheels: Path) -> Iterator[Server]:
    with session_in(docker_engine, tag, hub, home, wheels) as started:
        yield started


def test_pip_in_a_notebook_of_the_image_installs_for_the_kernel_of_ones_own_and_says_so(session: Server) -> None:
    for install in ("%pip install greeter==1.0", "!pip uninstall -y greeter\n!pip install greeter==1.0"):
        printed = session.execute(f"{install}\n{TRY_IMPORT.format('greeter')}")
        assert "Successfully installed greeter-1.0" in printed
        assert (
            'Installed for the kernel "Python 3 (my packages)". This notebook runs the image\'s own Python' in printed
        )
        assert printed.endswith("No module named 'greeter'\n")
    assert session.execute("import greeter; greeter.main()", OWN) == "good morning\n"


def test_an_upgrade_wins_in_the_kernel_of_ones_own_and_changes_nothing_in_the_images(session: Server) -> None:
    version = "import numpy; print(numpy.__version__)"
    shipped = session.execute(version)
    assert session.execute(version, OWN) == shipped
    printed = session.execute("%pip install 'numpy>=90'", OWN)
    assert "Successfully installed numpy-99.0" in printed
    assert session.execute(version, OWN) == "99.0\n"
    assert session.execute(version) == shipped
    listed = session.execute("!pip list", OWN)
    assert re.search(r"(?m)^numpy +99\.0\s*$", listed)
    assert re.search(r"(?m)^zarr +\d", listed)
    assert "Successfully uninstalled numpy-99.0" in session.execute("%pip uninstall -y numpy", OWN)
    assert session.execute(version, OWN) == shipped


def test_in_a_terminal_a_package_can_be_used_at_once_with_its_command(session: Server) -> None:
    script = """
python --version
pip install --user 'greeter<2'
python -c 'import greeter; greeter.main()' | tr a-z A-Z
greet | tr a-z A-Z
ipython -c 'import greeter; greeter.main()' | tr a-z A-Z
/opt/venv/bin/python -c 'import greeter' 2>&1 | tr a-z A-Z
"""
    shown = session.terminal(script)
    assert shown.count("\nGOOD MORNING\n") == 3  # with a program of the image too
    assert "MODULENOTFOUNDERROR" in shown
    assert session.terminal("greet | tr a-z A-Z").count("\nGOOD MORNING\n") == 1


def test_a_package_that_contradicts_another_one_is_named_with_it(session: Server) -> None:
    shown = session.terminal("pip install picky\npip install greeter==2.0")
    assert "picky 1.0 requires greeter<2, but you have greeter 2.0 which is incompatible." in shown


def test_a_named_environment_is_a_kernel_while_the_server_runs(session: Server) -> None:
    assert "cells" not in session.get("/api/kernelspecs").json()["kernelspecs"]
    script = f"""
lifedesk-environment new cells
source {FOLDER}/cells/bin/activate
pip install greeter==1.0
"""
    assert "Its kernel: Python 3 (cells)" in session.terminal(script)
    spec = session.get("/api/kernelspecs").json()["kernelspecs"]["cells"]["spec"]
    assert spec["display_name"] == "Python 3 (cells)"
    assert session.execute("import greeter; greeter.main()", "cells") == "good morning\n"
    assert session.execute(TRY_IMPORT.format("greeter"), OWN) == "No module named 'greeter'\n"
    assert "Successfully uninstalled" in session.execute("%pip uninstall -y greeter", "cells")
    session.terminal("lifedesk-environment remove cells --yes")
    assert "cells" not in session.get("/api/kernelspecs").json()["kernelspecs"]


def test_a_package_that_no_kernel_runs_with_leaves_a_notebook_to_mend_it_from(session: Server) -> None:
    session.terminal("pip install traitlets==99.0")
    printed = session.execute("print(6 * 7)", OWN)
    assert "The environment 'my-packages' cannot start a kernel (RuntimeError: too new" in printed
    assert "This notebook runs with the image's packages only, without yours.\n" in printed
    assert printed.endswith("42\n")
    assert session.execute("print(6 * 7)") == "42\n"
    session.execute("%pip uninstall -y traitlets", OWN)
    assert session.execute("print(6 * 7)", OWN) == "42\n"


def test_a_session_starts_whatever_packages_are_in_its_home(
    docker_engine: docker.DockerClient, tag: str, hub: Hub, home: str, wheels: Path
) -> None:
    with session_in(docker_engine, tag, hub, home, wheels) as before:
        before.terminal("pip install --no-deps traitlets==99.0 jupyter_server==99.0 numpy==99.0")
        assert "99.0" in before.shell(f"ls {FOLDER}/my-packages/lib/python3.13/site-packages")
    with session_in(docker_engine, tag, hub, home, wheels) as session:
        assert "<title>JupyterLab</title>" in session.get("/lab").text
        assert session.execute("import numpy; print(int(numpy.ones(3).sum()))") == "3\n"
        assert session.execute("print(6 * 7)", OWN).endswith("42\n")


def test_an_ordinary_virtual_environment_has_pip(session: Server) -> None:
    script = """
cd && python -m venv analysis && source analysis/bin/activate
pip install greeter==1.0
greet | tr a-z A-Z
pip --version | tr a-z A-Z
python -c 'import greeter; print(greeter.__file__)' | tr a-z A-Z
"""
    shown = session.terminal(script)
    folder = f"{singleuser.HOME}/ANALYSIS/LIB/PYTHON3.13/SITE-PACKAGES".upper()
    assert "\nGOOD MORNING\n" in shown
    assert f"FROM {folder}/PIP" in shown
    assert f"\n{folder}/GREETER.PY\n" in shown


def test_what_a_terminal_starts_is_ended_for_memory_before_the_server(session: Server) -> None:
    assert f"\n{RAISED}\n" in session.terminal("cat /proc/self/oom_score_adj")
    assert session.shell("cat /proc/1/oom_score_adj").strip() == "0"


def test_a_damaged_environment_is_made_anew_with_its_packages(session: Server) -> None:
    session.terminal("pip install greeter==1.0")
    session.shell(f"rm {FOLDER}/my-packages/bin/python*")
    assert "lifedesk-environment renew my-packages" in session.execute("print(6 * 7)", OWN)
    assert "lifedesk-environment renew my-packages" in session.terminal("pip list")
    assert "Installing anew: greeter==1.0" in session.terminal("lifedesk-environment renew")
    assert session.execute("import greeter; greeter.main()", OWN) == "good morning\n"


def test_packages_for_an_earlier_python_are_offered_and_installed_anew(session: Server) -> None:
    session.terminal("pip install greeter==1.0")
    earlier = FOLDER.replace("3.13", "3.12")
    session.shell(
        f"mv {FOLDER} {earlier} && mv {earlier}/my-packages/lib/python3.13 {earlier}/my-packages/lib/python3.12"
    )
    assert "lifedesk-environment renew my-packages" in session.terminal("pip install large")
    shown = session.terminal("lifedesk-environment remove my-packages --yes\nlifedesk-environment renew")
    assert "Installing anew: greeter==1.0" in shown
    assert session.execute("import greeter; greeter.main()", OWN) == "good morning\n"


def test_in_a_full_home_nothing_half_made_stays_and_the_reason_is_said(
    docker_engine: docker.DockerClient, tag: str, hub: Hub, wheels: Path
) -> None:
    tmpfs = {"/tmp": "size=512m", singleuser.HOME: "size=4m,uid=1000,mode=700"}
    with session_in(docker_engine, tag, hub, None, wheels, tmpfs=tmpfs) as session:
        printed = session.execute("%pip install large", OWN)
        assert "pip did not finish: your home directory is full." in printed
        assert session.shell(f"ls -A {FOLDER}/my-packages | grep ^.pip || true") == ""
        session.shell("rm -r ~/.local; head -c 100M /dev/zero > ~/filling 2>/dev/null || true")
        assert "your home directory is full" in session.execute("print(6 * 7)", OWN)
        assert session.execute("print(6 * 7)", OWN).endswith("42\n")
        assert session.shell(f"ls -A {FOLDER} 2>/dev/null || true") == ""
        session.shell("rm ~/filling")
        assert session.execute("print(6 * 7)", OWN) == "42\n"


def test_the_images_kernel_sees_nothing_an_earlier_release_left_in_the_home(session: Server) -> None:
    session.shell(
        "mkdir -p ~/.local/lib/python3.13/site-packages && touch ~/.local/lib/python3.13/site-packages/stray.py"
    )
    assert session.execute(TRY_IMPORT.format("stray")) == "No module named 'stray'\n"
    assert session.execute(TRY_IMPORT.format("stray"), OWN) == "No module named 'stray'\n"


def test_whoever_looks_for_conda_is_told_what_to_do(docker_engine: docker.DockerClient, tag: str) -> None:
    assert "Miniforge" in run(docker_engine, tag, ["bash", "-lc", "conda install x 2>&1 || test $? = 127"])
