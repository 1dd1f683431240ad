from pathlib import Path

from lifedesk_hub.node.firewall import Chain, chains, resolv_conf, resolvers
from lifedesk_hub.site import Network


def texts(chain: Chain) -> list[str]:
    return [" ".join(rule) for rule in chain.rules]


def test_of_the_node_only_the_hub_is_reached() -> None:
    host, _ = chains(Network(), "ld-abc", "172.18.0.1", 8081, ())
    assert (host.name, host.parents) == ("LD-ABC-HOST", ("INPUT",))
    assert texts(host) == [
        "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        "-d 172.18.0.1 -p tcp --dport 8081 -j ACCEPT",
        "-j REJECT",
    ]


def test_metadata_and_private_ranges_are_blocked_before_the_internet_is_allowed() -> None:
    _, forward = chains(Network(), "ld-abc", "172.18.0.1", 8081, ("10.0.0.2",))
    rules = texts(forward)
    assert rules[-1] == "-j RETURN"
    metadata = ("169.254.0.0/16", "192.0.0.0/24", "168.63.129.16/32")
    for blocked in (*metadata, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"):
        assert f"-d {blocked} -j REJECT" in rules
    assert rules.index("-d 10.0.0.2 -p udp --dport 53 -j RETURN") < rules.index("-d 10.0.0.0/8 -j REJECT")


def test_what_the_site_allows_never_leads_from_one_session_to_another() -> None:
    _, forward = chains(Network(allow=("172.16.0.0/12",)), "ld-abc", "172.18.0.1", 8081, ())
    assert texts(forward)[0] == "-o ld-abc -j REJECT"
    assert forward.parents == ("FORWARD", "DOCKER-USER")


def test_without_egress_nothing_but_what_is_listed_is_reached() -> None:
    network = Network(egress="none", allow=("10.1.2.3:443", "10.9.0.0/16"))
    _, forward = chains(network, "ld-abc", "172.18.0.1", 8081, ("10.0.0.2",))
    assert texts(forward) == [
        "-o ld-abc -j REJECT",
        "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN",
        "-d 10.1.2.3 -p tcp --dport 443 -j ACCEPT",
        "-d 10.9.0.0/16 -j ACCEPT",
        "-j REJECT",
    ]


def test_name_servers_on_the_node_itself_and_of_ipv6_need_no_rule() -> None:
    text = (
        "# made by hand\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nnameserver fd00::1\nsearch example\nnameserver\n"
    )
    assert resolvers(text) == ("10.0.0.2",)


def test_behind_systemds_stub_the_name_servers_it_asks_are_taken(tmp_path: Path) -> None:
    stub, behind = tmp_path / "stub", tmp_path / "behind"
    stub.write_text("nameserver 127.0.0.53\noptions edns0\n")
    assert resolv_conf(stub, behind) == stub.read_text()
    behind.write_text("nameserver 10.0.0.2\n")
    assert resolvers(resolv_conf(stub, behind)) == ("10.0.0.2",)
    stub.write_text("nameserver 192.0.2.53\n")
    assert resolvers(resolv_conf(stub, behind)) == ("192.0.2.53",)
