"""One hub and one provider for the tests of a module that wear nothing out; others start their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.identity_providers import Person
from tests.support.login_node import PEOPLE, LoginNode


@pytest.fixture(scope="module")
def login_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginNode]:
    """A node as deployed, with the demo's usual lifetimes."""
    node = LoginNode(tmp_path_factory.mktemp("node"))
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
def quick_node(tmp_path: Path) -> Iterator[Callable[..., LoginNode]]:
    """Starts a node whose answers age within seconds."""
    nodes: list[LoginNode] = []

    def start(people: tuple[Person, ...] = PEOPLE, *, grace_seconds: int = 0, **settings: object) -> LoginNode:
        node = LoginNode(tmp_path / f"node{len(nodes)}", people, **settings)
        nodes.append(node)
        node.start(refresh_seconds=5, grace_seconds=grace_seconds)
        return node

    yield start
    for node in nodes:
        node.stop()


@pytest.fixture
def login_node_parts(tmp_path: Path) -> Iterator[LoginNode]:
    """A hub and its provider, neither of them started."""
    node = LoginNode(tmp_path / "parts")
    yield node
    node.stop()
