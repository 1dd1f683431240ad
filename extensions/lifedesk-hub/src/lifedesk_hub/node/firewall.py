"""What sessions may reach: the hub, the internet if the site says so, and what the site lists. Nothing else.

Docker's bridge keeps sessions from each other; these rules keep them from the node itself, the cloud's metadata
service and the private networks around it. `rules` is pure; `apply` puts them in place, again and again alike.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from lifedesk_hub.errors import NodeError
from lifedesk_hub.site import Network

# Private, shared, loopback and link-local ranges of IPv4 (RFC 6890); link-local holds the metadata service.
BLOCKED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
)

_IPTABLES = ("iptables", "-w", "10")

Rule = tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """A chain of our own, and the built-in chain that leads to it for what comes from the sessions' bridge."""

    name: str
    parent: str
    rules: tuple[Rule, ...]


def chains(
    network: Network, bridge: str, gateway: str, hub_port: int, resolvers: tuple[str, ...]
) -> tuple[Chain, Chain]:
    """The chains for traffic to the node itself and for traffic through it."""
    return (
        Chain(f"{bridge}-host".upper(), "INPUT", tuple(_to_the_node(network, gateway, hub_port))),
        Chain(f"{bridge}-fwd".upper(), "DOCKER-USER", tuple(_through_the_node(network, resolvers))),
    )


def _to_the_node(network: Network, gateway: str, hub_port: int) -> Iterator[Rule]:
    yield ("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT")
    yield ("-d", gateway, "-p", "tcp", "--dport", str(hub_port), "-j", "ACCEPT")
    yield from _allowed(network)
    yield ("-j", "REJECT")


def _through_the_node(network: Network, resolvers: tuple[str, ...]) -> Iterator[Rule]:
    yield ("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "RETURN")
    yield from _allowed(network)
    if network.egress == "none":
        yield ("-j", "REJECT")
        return
    for resolver in resolvers:
        for protocol in ("udp", "tcp"):
            yield ("-d", resolver, "-p", protocol, "--dport", "53", "-j", "RETURN")
    for blocked in BLOCKED:
        yield ("-d", blocked, "-j", "REJECT")
    yield ("-j", "RETURN")


def _allowed(network: Network) -> Iterator[Rule]:
    for destination in network.allow:
        address, _, port = destination.partition(":")
        yield ("-d", address, *(("-p", "tcp", "--dport", port) if port else ()), "-j", "ACCEPT")


def apply(chain: Chain, bridge: str) -> None:
    """Put the chain in place in one step, so that no packet meets it half filled. Running it again changes nothing.

    Raises `NodeError`.
    """
    lines = [
        "*filter",
        f":{chain.name} - [0:0]",
        *(shlex.join(["-A", chain.name, *rule]) for rule in chain.rules),
        "COMMIT",
        "",
    ]
    _run(["iptables-restore", "-w", "10", "--noflush"], standard_input="\n".join(lines))
    lead = [chain.parent, "-i", bridge, "-j", chain.name]
    if _run([*_IPTABLES, "-C", *lead], may_fail=True) != 0:
        _run([*_IPTABLES, "-I", *lead])


def remove(chain: Chain, bridge: str) -> None:
    """Take the chain away; nothing happens if it is not there."""
    for command in (["-D", chain.parent, "-i", bridge, "-j", chain.name], ["-F", chain.name], ["-X", chain.name]):
        _run([*_IPTABLES, *command], may_fail=True)


def _run(command: list[str], standard_input: str | None = None, may_fail: bool = False) -> int:
    try:
        done = subprocess.run(command, input=standard_input, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NodeError(f"The sessions' firewall could not be set: {command[0]} cannot be run ({error}).") from error
    if done.returncode != 0 and not may_fail:
        raise NodeError(f"The sessions' firewall could not be set: {shlex.join(command)}: {done.stderr.strip()}")
    return done.returncode


def resolvers(resolv_conf: str) -> tuple[str, ...]:
    """The IPv4 name servers that the text of a resolv.conf lists, loopback ones left out."""
    servers = [
        line.split()[1] for line in resolv_conf.splitlines() if line.startswith("nameserver ") and len(line.split()) > 1
    ]
    return tuple(server for server in servers if ":" not in server and not server.startswith("127."))
