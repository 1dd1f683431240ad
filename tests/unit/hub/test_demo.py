from contextlib import closing
from pathlib import Path

import docker
import pytest

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.demo import prepare_data_sets


def test_demo_data_sets_without_an_image_to_make_them_are_refused_with_the_remedy(tmp_path: Path) -> None:
    # A version given, the client asks no engine.
    client = docker.DockerClient(base_url="unix:///nonexistent", version="1.41")
    with closing(client), pytest.raises(NodeError) as refused:
        prepare_data_sets(client, {}, tmp_path / "site-archive")
    assert str(refused.value) == (
        "The demo data sets are made in an image of this repository, and the site uses none. "
        "Give archives.site a path, or switch it off with site: null."
    )
    assert not (tmp_path / "site-archive").exists()
