"""Which ports a node listens on, with other programs beside it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from lifedesk_hub.errors import NodeError
from lifedesk_hub.node import ports
from lifedesk_hub.node.ports import free_port
from tests.support.site import a_deployment


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_node_keeps_its_ports() -> None:
    port = free_port()
    before = a_deployment(proxy_bind_url=f"http://127.0.0.1:{port}", hub_url=f"http://127.0.0.1:{port}")
    assert ports.public(None, before, is_running=False) == port
    assert ports.public(0, before, is_running=False) == port
    assert ports.hub(before, "127.0.0.1", is_running=False) == port
    assert ports.own(before.proxy_bind_url, "127.0.0.1", is_running=False) == port


def test_ports_its_own_programs_listen_on_are_not_in_its_way(taken: int) -> None:
    before = a_deployment(proxy_bind_url=f"http://127.0.0.1:{taken}", hub_url=f"http://127.0.0.1:{taken}")
    assert ports.public(None, before, is_running=True) == taken
    assert ports.hub(before, "127.0.0.1", is_running=True) == taken
    assert ports.own(before.hub_url, "127.0.0.1", is_running=True) == taken


def test_the_address_of_a_node_that_was_down_is_not_silently_changed_when_somebody_took_it(taken: int) -> None:
    before = a_deployment(proxy_bind_url=f"http://127.0.0.1:{taken}", hub_url=f"http://127.0.0.1:{taken}")
    with pytest.raises(NodeError, match=f"Port {taken} on 127.0.0.1 is in use by another program. Choose another"):
        ports.public(None, before, is_running=False)
    with pytest.raises(NodeError, match=f"Port {taken} on 127.0.0.1, where sessions look for the hub, is in use"):
        ports.hub(before, "127.0.0.1", is_running=False)
    assert ports.public(0, before, is_running=False) != taken


def test_ports_that_only_the_node_knows_give_way(taken: int) -> None:
    assert ports.own(f"http://127.0.0.1:{taken}", "127.0.0.1", is_running=False) != taken
