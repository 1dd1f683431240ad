from lifedesk_hub.node.firewall import Chain, chains, resolvers
from lifedesk_hub.site import Network


def texts(chain: Chain) -> list[str]:
    return [" ".join(rule) for rule in chain.rules]


def test_of_the_node_only_the_hub_is_reached() -> None:
    host, _ = chains(Network(), "ld-abc", "172.18.0.1", 8081, ())
    assert (host.name, host.parent) == ("LD-ABC-HOST", "INPUT")
    assert texts(host) == [
        "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        "-d 172.18.0.1 -p tcp --dport 8081 -j ACCEPT",
        "-j REJECT",
    ]


def test_metadata_and_private_ranges_are_blocked_before_the_internet_is_allowed() -> None:
    _, forward = chains(Network(), "ld-abc", "172.18.0.1", 8081, ("10.0.0.2",))
    rules = texts(forward)
    assert rules[-1] == "-j RETURN"
    for blocked in ("169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"):
        assert f"-d {blocked} -j REJECT" in rules
    assert rules.index("-d 10.0.0.2 -p udp --dport 53 -j RETURN") < rules.index("-d 10.0.0.0/8 -j REJECT")


def test_without_egress_nothing_but_what_is_listed_is_reached() -> None:
    network = Network(egress="none", allow=("10.1.2.3:443", "10.9.0.0/16"))
    _, forward = chains(network, "ld-abc", "172.18.0.1", 8081, ("10.0.0.2",))
    assert texts(forward)[1:] == [
        "-d 10.1.2.3 -p tcp --dport 443 -j ACCEPT",
        "-d 10.9.0.0/16 -j ACCEPT",
        "-j REJECT",
    ]


def test_name_servers_on_the_node_itself_and_of_ipv6_need_no_rule() -> None:
    text = (
        "# made by hand\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nnameserver fd00::1\nsearch example\nnameserver\n"
    )
    assert resolvers(text) == ("10.0.0.2",)
