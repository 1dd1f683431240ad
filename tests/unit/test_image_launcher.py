"""What `lifedesk-singleuser` does before it hands over to JupyterHub's server."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from images.base.lifedesk_singleuser import (
    THREAD_VARIABLES,
    _called_later,
    _without_unused_modules,
    copy_notebooks,
    limit_java_heap,
    limit_threads,
    options_besides,
    use_runtime_dir,
)


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "image/first-steps"
    (folder / "figures").mkdir(parents=True)
    (folder / "01.ipynb").write_text("{}", encoding="utf-8")
    (folder / "figures/a.svg").write_text("<svg/>", encoding="utf-8")
    return folder.parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("limit", "threads"), [("0.5", "1"), ("1", "1"), ("2.0", "2"), ("2.5", "3")])
def test_threads_follow_the_processor_limit_rounded_up(limit: str, threads: str) -> None:
    environment = {"CPU_LIMIT": limit}
    limit_threads(environment)
    assert {environment[name] for name in THREAD_VARIABLES} == {threads}


def test_a_chosen_number_of_threads_stays() -> None:
    environment = {"CPU_LIMIT": "4", "OMP_NUM_THREADS": "1"}
    limit_threads(environment)
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["NUMBA_NUM_THREADS"] == "4"


@pytest.mark.parametrize("environment", [{}, {"CPU_LIMIT": ""}, {"CPU_LIMIT": "many"}, {"CPU_LIMIT": "inf"}])
def test_without_a_limit_nothing_is_set(environment: dict[str, str]) -> None:
    before = dict(environment)
    limit_threads(environment)
    assert environment == before


def test_run_time_files_go_to_a_private_folder(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    use_runtime_dir(environment, tmp_path / "runtime")
    assert environment == {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    assert (tmp_path / "runtime").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_leaves_the_run_time_files_where_they_were(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    use_runtime_dir(environment, tmp_path / "none" / "runtime")
    assert environment == {}


def test_notebooks_are_copied_whole(notebooks: Path, home: Path) -> None:
    copy_notebooks(notebooks, home)
    assert (home / "first-steps/figures/a.svg").read_text(encoding="utf-8") == "<svg/>"
    assert [path.name for path in home.iterdir()] == ["first-steps"]


def test_what_is_there_is_never_overwritten(notebooks: Path, home: Path) -> None:
    (home / "first-steps").mkdir()
    copy_notebooks(notebooks, home)
    assert list((home / "first-steps").iterdir()) == []


def test_a_broken_link_of_the_same_name_stays(notebooks: Path, home: Path) -> None:
    (home / "first-steps").symlink_to("nowhere")
    copy_notebooks(notebooks, home)
    assert (home / "first-steps").is_symlink()


def test_a_copy_that_was_interrupted_is_made_anew(notebooks: Path, home: Path) -> None:
    (home / ".first-steps.unfinished").mkdir()
    (home / ".first-steps.unfinished/old").touch()
    copy_notebooks(notebooks, home)
    assert sorted(path.name for path in (home / "first-steps").iterdir()) == ["01.ipynb", "figures"]


def test_a_home_that_takes_no_files_is_a_line_in_the_log(
    notebooks: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(home)
    home.touch()  # a file: nothing can be made below it, for root neither
    copy_notebooks(notebooks, home)
    assert "The notebooks 'first-steps' were not copied to the home directory" in caplog.text


def test_an_image_without_notebooks_is_fine(tmp_path: Path, home: Path) -> None:
    copy_notebooks(tmp_path / "none", home)
    assert list(home.iterdir()) == []


def test_an_option_given_to_the_command_replaces_ours() -> None:
    options = options_besides(["--KernelManager.transport=tcp", "--debug"])
    assert not any(option.startswith("--KernelManager.transport") for option in options)
    assert "--LabApp.extension_manager=readonly" in options


def test_what_is_called_later_is_loaded_by_the_call() -> None:
    saved = sys.modules.pop("colorsys", None)
    try:
        found = _called_later("colorsys", ["rgb_to_hsv"])
        assert "colorsys" not in sys.modules
        assert callable(found["rgb_to_hsv"])
        assert found["rgb_to_hsv"](1, 1, 1) == (0.0, 0.0, 1)
        assert "colorsys" in sys.modules
    finally:
        if saved is not None:
            sys.modules["colorsys"] = saved


def test_a_stand_in_asked_for_more_than_it_was_given_says_so_at_once() -> None:
    with _without_unused_modules(), pytest.raises(AttributeError, match="Session"):
        sys.modules["requests"].Session  # noqa: B018  (the question is the test)


def test_stand_ins_are_gone_afterwards_and_give_the_real_module_when_asked() -> None:
    before = {name for name in sys.modules if name.startswith("sqlalchemy")}
    saved = {name: sys.modules.pop(name) for name in before}
    try:
        with _without_unused_modules():
            stand_in = sys.modules["sqlalchemy"]
            assert vars(stand_in)["func"] is None
        assert "sqlalchemy" not in sys.modules
        assert stand_in.select is __import__("sqlalchemy").select
    finally:
        for name in [name for name in sys.modules if name.startswith("sqlalchemy")]:
            del sys.modules[name]
        sys.modules.update(saved)


@pytest.mark.parametrize(("limit", "heap"), [("2147483648", "-Xmx1024m"), ("", None), ("much", None)])
def test_java_gets_half_of_the_memory(limit: str, heap: str | None) -> None:
    environment = {"MEM_LIMIT": limit}
    limit_java_heap(environment)
    assert environment.get("JAVA_TOOL_OPTIONS") == heap


def test_a_chosen_java_heap_stays() -> None:
    environment = {"MEM_LIMIT": "2147483648", "JAVA_TOOL_OPTIONS": "-Xmx300m"}
    limit_java_heap(environment)
    assert environment["JAVA_TOOL_OPTIONS"] == "-Xmx300m"
