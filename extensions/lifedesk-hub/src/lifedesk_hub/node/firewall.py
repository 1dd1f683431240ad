"""What sessions may reach: the hub, the internet if the site says so, and what the site lists. Nothing else.

Docker's bridge keeps sessions from each other; these rules keep them from the node itself, the cloud's metadata
service and the private networks around it, and from each other even where Docker's own rules have been flushed.
`chains` is pure; `apply` puts them in place, again and again alike.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.errors import NodeError
from lifedesk_hub.node.engine import bridge_name
from lifedesk_hub.node.parts import sudo_works
from lifedesk_hub.site import Network, Site

# Private, shared, loopback and link-local ranges of IPv4 (RFC 6890), and the addresses outside them at which clouds
# serve metadata: 192.0.0.192 (Oracle, within 192.0.0.0/24) and 168.63.129.16 (Azure).
BLOCKED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
# Docker writes its own rules before what stands in FORWARD, and leaves DOCKER-USER to us; a firewall that flushes
# everything leaves FORWARD only.
PARENTS = {"host": ("INPUT",), "fwd": ("FORWARD", "DOCKER-USER")}
BRIDGE_IS_FILTERED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
STUB_RESOLVER = "127.0.0.53"

_IPTABLES = ("iptables", "-w", "10")

Rule = tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """A chain of our own, and the chains that lead to it for what comes from the sessions' bridge."""

    name: str
    parents: tuple[str, ...]
    rules: tuple[Rule, ...]


def chains_of(site: Site, deployment: Deployment) -> tuple[Chain, Chain]:
    """The firewall that this deployment of the site needs."""
    hub = urlsplit(deployment.hub_url)
    return chains(
        site.network, bridge_name(deployment.network), str(hub.hostname), hub.port or 80, resolvers(resolv_conf())
    )


def chains(
    network: Network, bridge: str, gateway: str, hub_port: int, resolvers: tuple[str, ...]
) -> tuple[Chain, Chain]:
    """The chains for traffic to the node itself and for traffic through it."""
    return (
        Chain(_name(bridge, "host"), PARENTS["host"], tuple(_to_the_node(network, gateway, hub_port))),
        Chain(_name(bridge, "fwd"), PARENTS["fwd"], tuple(_through_the_node(network, bridge, resolvers))),
    )


def _name(bridge: str, place: str) -> str:
    return f"{bridge}-{place}".upper()


def _to_the_node(network: Network, gateway: str, hub_port: int) -> Iterator[Rule]:
    yield ("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT")
    yield ("-d", gateway, "-p", "tcp", "--dport", str(hub_port), "-j", "ACCEPT")
    yield from _allowed(network)
    yield ("-j", "REJECT")


def _through_the_node(network: Network, bridge: str, resolvers: tuple[str, ...]) -> Iterator[Rule]:
    yield ("-o", bridge, "-j", "REJECT")
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


@cache
def as_root() -> tuple[str, ...]:
    """What a command that sets the firewall begins with. Raises `NodeError` if this user may not set it."""
    if os.geteuid() == 0:
        return ()
    if not sudo_works():
        raise NodeError(
            "Only root may set the sessions' firewall: run lifedesk as root, or as a user who may use sudo without a "
            "password."
        )
    return ("sudo", "-n")


def apply(chains: tuple[Chain, ...], bridge: str) -> None:
    """Put the chains in place, each filled in one step, so that no packet meets it half filled.

    Running it again changes nothing. Raises `NodeError`.
    """
    _filter_the_bridge()
    for chain in chains:
        lines = [
            "*filter",
            f":{chain.name} - [0:0]",
            *(shlex.join(["-A", chain.name, *rule]) for rule in chain.rules),
            "COMMIT",
            "",
        ]
        _run(["iptables-restore", "-w", "10", "--noflush"], standard_input="\n".join(lines))
        for parent in chain.parents:
            lead = _lead(parent, chain.name, bridge)
            if _run([*_IPTABLES, "-C", *lead], may_fail=True).returncode != 0:
                _run([*_IPTABLES, "-N", parent], may_fail=True)  # DOCKER-USER goes when all is flushed
                _run([*_IPTABLES, "-I", *lead])


def is_in_place(chains: tuple[Chain, ...], bridge: str) -> bool:
    """Whether every chain is there with all its rules, and everything that leads to it. Raises `NodeError`."""
    return _bridge_is_filtered() and all(
        _run([*_IPTABLES, "-S", chain.name], may_fail=True).stdout.count(f"-A {chain.name} ") == len(chain.rules)
        and all(
            _run([*_IPTABLES, "-C", *_lead(parent, chain.name, bridge)], may_fail=True).returncode == 0
            for parent in chain.parents
        )
        for chain in chains
    )


def remove(bridge: str) -> None:
    """Take the bridge's chains away; nothing happens if they are not there."""
    for place, parents in PARENTS.items():
        name = _name(bridge, place)
        leads = [["-D", *_lead(parent, name, bridge)] for parent in parents]
        for command in (*leads, ["-F", name], ["-X", name]):
            _run([*_IPTABLES, *command], may_fail=True)


def _lead(parent: str, name: str, bridge: str) -> tuple[str, ...]:
    return (parent, "-i", bridge, "-j", name)


def _bridge_is_filtered() -> bool:
    """Whether traffic between two sessions meets iptables at all; Docker sees to it, other programs take it back."""
    return not BRIDGE_IS_FILTERED.exists() or BRIDGE_IS_FILTERED.read_text().strip() == "1"


def _filter_the_bridge() -> None:
    if not _bridge_is_filtered():
        _run(["tee", str(BRIDGE_IS_FILTERED)], standard_input="1\n")


def _run(
    command: list[str], standard_input: str | None = None, may_fail: bool = False
) -> subprocess.CompletedProcess[str]:
    privileged = as_root()
    try:
        done = subprocess.run(
            [*privileged, *command], input=standard_input, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise NodeError(f"The sessions' firewall could not be set: {error.filename} cannot be run.") from error
    if done.returncode != 0 and not may_fail:
        raise NodeError(f"The sessions' firewall could not be set: {shlex.join(command)}: {done.stderr.strip()}")
    return done


def resolvers(resolv_conf: str) -> tuple[str, ...]:
    """The IPv4 name servers that the text of a resolv.conf lists, loopback ones left out."""
    return tuple(server for server in _name_servers(resolv_conf) if ":" not in server and not server.startswith("127."))


def _name_servers(resolv_conf: str) -> list[str]:
    lines = (line.split() for line in resolv_conf.splitlines())
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def resolv_conf(stub: Path = Path("/etc/resolv.conf"), behind: Path = Path("/run/systemd/resolve/resolv.conf")) -> str:
    """The resolv.conf that Docker takes sessions' name servers from: behind systemd's stub, those the stub asks."""
    text = stub.read_text(encoding="utf-8")
    return behind.read_text(encoding="utf-8") if _name_servers(text) == [STUB_RESOLVER] and behind.exists() else text
