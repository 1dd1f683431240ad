"""Releases chosen by the real uv from wheels of the test, and its refusals in our words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.lock import PLATFORM, entries, in_words, lock
from lifedesk_hub.node.requirement_files import PYTHON
from tests.support.node import REPOSITORY
from tests.support.wheels import write_index, write_wheel

PARENT = {"numpy": "2.5.5", "zarr": "3.4.2"}


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index without network: the parent's packages and two more."""
    folder = tmp_path / "wheels"
    for name, version in PARENT.items():
        write_wheel(folder, name, version, {f"{name}.py": ""})
    write_wheel(folder, "numpy", "1.26", {"numpy.py": ""})
    write_wheel(folder, "tracker", "1.0", {"tracker.py": ""}, requires=["numpy<2"])
    write_wheel(folder, "tracker", "2.0", {"tracker.py": ""}, requires=["numpy>=2", "helper"])
    write_wheel(folder, "helper", "0.1", {"helper.py": ""})
    write_wheel(folder, "elsewhere", "1.0", {"elsewhere.py": ""}, tag="cp313-cp313-win_amd64")
    (folder / "only-source-1.0.tar.gz").write_bytes(b"")
    monkeypatch.setenv("UV_DEFAULT_INDEX", write_index(tmp_path / "index", folder))
    monkeypatch.setenv("UV_NO_CACHE", "1")


def refusal(asked_for: str) -> str:
    with pytest.raises(NodeError) as refused:
        lock([asked_for], "imaging", PARENT)
    return str(refused.value)


@pytest.mark.usefixtures("wheels")
def test_the_lock_holds_hashed_what_is_added_and_not_what_the_parent_has() -> None:
    found = dict(entries(lock(["tracker"], "imaging", PARENT)))
    assert list(found) == ["helper", "tracker"]
    assert found["tracker"].startswith("tracker==2.0 \\\n    --hash=sha256:")


@pytest.mark.usefixtures("wheels")
def test_the_same_is_chosen_twice() -> None:
    assert lock(["tracker"], "imaging", PARENT) == lock(["tracker"], "imaging", PARENT)


@pytest.mark.usefixtures("wheels")
def test_what_contradicts_the_parent_is_refused_with_both_names() -> None:
    told = refusal("tracker==1.0")
    assert "depends on numpy<2 and numpy==2.5.5" in told
    assert "The image 'imaging' has numpy 2.5.5, which stays as it is. Ask for other releases" in told
    assert "zarr" not in told


@pytest.mark.usefixtures("wheels")
def test_an_unknown_package_is_named() -> None:
    assert refusal("trakcer").startswith("The package index has no trakcer. Look at the spelling")


@pytest.mark.usefixtures("wheels")
def test_a_package_that_would_have_to_be_compiled_is_refused() -> None:
    assert refusal("only-source").startswith("There is no wheel of only-source for Python 3.13 on Linux (x86-64)")


@pytest.mark.usefixtures("wheels")
def test_a_package_for_other_systems_is_refused_like_one_to_compile() -> None:
    assert refusal("elsewhere").startswith("There is no wheel of elsewhere for Python 3.13")


@pytest.mark.usefixtures("wheels")
def test_what_the_parent_has_needs_no_image() -> None:
    assert refusal("zarr") == "The image 'imaging' has all of this already: zarr. Use it as it is."


def test_without_network_that_is_the_reason_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/", "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1"}.items():
        monkeypatch.setenv(name, value)
    told = refusal("humanize")
    assert told.startswith("The package index cannot be reached (Connection refused")
    assert told.endswith("Look at this machine's network and proxy, then try again.")


def test_a_full_disk_is_the_reason_given() -> None:
    told = in_words("error: failed to write to file\n  cause: No space left on device (os error 28)", "base", {})
    assert told.startswith("The disk is full: ")


def test_images_of_a_site_are_locked_for_the_python_and_platform_of_ours() -> None:
    script = (REPOSITORY / "requirements" / "lock").read_text()
    assert f"--python-version {PYTHON} --python-platform {PLATFORM}" in script
