"""What a node remembers, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.demo import accounts
from lifedesk_hub.node.state import State, read_site
from tests.support.node import REPOSITORY
from tests.support.site import a_deployment, small_site

GOOD_SITES = sorted((REPOSITORY / "tests" / "sites" / "good").glob("*.yaml"))


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    state, deployment = State(tmp_path), a_deployment(tmp_path)
    state.keep(deployment, tmp_path / "lifedesk.yaml", small_site())
    assert (state.deployment(), state.site_file(), state.site()) == (
        deployment,
        tmp_path / "lifedesk.yaml",
        small_site(),
    )


@pytest.mark.parametrize("path", [REPOSITORY / "lifedesk.yaml", *GOOD_SITES], ids=lambda path: path.stem)
def test_the_hub_reads_the_very_site_that_was_applied(path: Path, tmp_path: Path) -> None:
    site = read_site(path)
    State(tmp_path).keep(a_deployment(tmp_path), path, site)
    assert State(tmp_path).site() == site


def test_a_folder_without_a_node_is_no_fault(tmp_path: Path) -> None:
    assert State(tmp_path).deployment() is None
    assert State(tmp_path).site_file() is None


@pytest.mark.parametrize("damage", [b"", b"{bad", b"[1]", b"\xff\xfe"])
def test_damaged_files_are_named_with_the_remedy(tmp_path: Path, damage: bytes) -> None:
    state = State(tmp_path)
    state.deployment_file.write_bytes(damage)
    with pytest.raises(NodeError, match=r"deployment\.json cannot be read .* Put it back from a backup"):
        state.deployment()
    state.applied_site.write_bytes(damage)
    with pytest.raises(NodeError, match=r"site\.json cannot be read .* Run \./lifedesk up"):
        state.site()
    state.secrets.mkdir()
    (state.secrets / "demo_accounts.json").write_bytes(damage)
    with pytest.raises(NodeError, match=r"demo_accounts\.json cannot be read .* Put them back from a backup"):
        accounts(state)
