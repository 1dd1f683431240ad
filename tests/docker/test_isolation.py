"""A session is hostile territory: what it may be, and what it must not reach."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator

import docker
import httpx
import pytest

from tests.support.node import Node, Person, logged_in


@pytest.fixture(scope="module")
def researcher(node: Node) -> Iterator[Person]:
    with logged_in(node, "researcher") as person:
        person.start_and_wait(profile="base", size="small")
        yield person


@pytest.fixture(scope="module")
def colleague(node: Node) -> Iterator[Person]:
    with logged_in(node, "researcher2") as person:
        person.start_and_wait(profile="base", size="small")
        yield person


def address_of(person: Person, engine: docker.DockerClient) -> str:
    """IPv4 address of the person's container on the sessions' network."""
    [network] = engine.containers.get(person.container).attrs["NetworkSettings"]["Networks"].values()
    return str(network["IPAddress"])


def test_a_container_has_every_limit_and_no_privilege(researcher: Person, docker_engine: docker.DockerClient) -> None:
    host = docker_engine.containers.get(researcher.container).attrs["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert not host["Privileged"]
    assert host["IpcMode"] == "private"
    assert host["Init"]
    assert host["ReadonlyRootfs"]
    assert host["Memory"] == host["MemorySwap"] == 2 * 2**30
    assert (host["CpuQuota"], host["CpuPeriod"]) == (100_000, 100_000)
    assert host["PidsLimit"] == 1024
    assert host["LogConfig"]["Config"] == {"max-size": "5m", "max-file": "2"}
    assert "nosuid" in host["Tmpfs"]["/tmp"]
    assert not host["Devices"]
    assert not host["PortBindings"]


def test_what_is_made_in_the_temporary_folder_can_be_run(researcher: Person) -> None:
    assert researcher.run("sh", "-c", "cp /usr/bin/true /tmp/made && /tmp/made && rm /tmp/made && echo ran") == "ran\n"


def test_a_session_cannot_watch_or_take_over_the_network(researcher: Person) -> None:
    program = (
        "import socket\n"
        "for family, protocol in ((socket.AF_INET, socket.IPPROTO_ICMP), (socket.AF_PACKET, 0)):\n"
        "    try:\n"
        "        socket.socket(family, socket.SOCK_RAW, protocol)\n"
        "    except PermissionError:\n"
        "        print('refused')\n"
        "print(open('/proc/sys/net/ipv6/conf/eth0/disable_ipv6').read().strip())\n"
    )
    assert researcher.run("python", "-c", program).split() == ["refused", "refused", "1"]


def test_inside_nobody_is_root_or_becomes_it(researcher: Person) -> None:
    status = researcher.run("cat", "/proc/self/status")
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert researcher.run("id", "-u").strip() == "1000"
    assert researcher.run("find", "/", "-xdev", "-perm", "/6000", "-type", "f", check=False).count("\n/") == 0
    assert "Read-only file system" in researcher.run("touch", "/opt/venv/lib/x", check=False)


def test_no_docker_socket_and_nothing_of_the_hub_is_inside(
    researcher: Person, node: Node, docker_engine: docker.DockerClient
) -> None:
    assert (
        researcher.run("sh", "-c", "ls /var/run/docker.sock /run/docker.sock", check=False).count("No such file") == 2
    )
    assert "jupyterhub.sqlite" not in researcher.run("sh", "-c", "find / -name '*.sqlite' 2>/dev/null; true")
    mounted = {
        mount["Destination"]: mount for mount in docker_engine.containers.get(researcher.container).attrs["Mounts"]
    }
    assert set(mounted) == {"/home/jovyan", "/data/site"}
    assert not mounted["/data/site"]["RW"]
    assert str(node.state) not in researcher.run("env")


def test_a_session_knows_no_secret_but_its_own_token(researcher: Person, node: Node) -> None:
    environment = researcher.run("env")
    for secret in (node.state / "secrets").iterdir():
        if secret.suffix != ".json":
            assert secret.read_text().strip() not in environment, secret.name


def test_the_other_persons_session_cannot_be_reached(
    researcher: Person, colleague: Person, docker_engine: docker.DockerClient
) -> None:
    assert researcher.connect("127.0.0.1", 8888) == "connected"
    assert colleague.connect(address_of(researcher, docker_engine), 8888) != "connected"
    assert researcher.connect(address_of(colleague, docker_engine), 8888) != "connected"


def test_the_metadata_address_is_refused_at_once(researcher: Person) -> None:
    assert researcher.connect("169.254.169.254", 80) == "ConnectionRefusedError"


def test_the_hub_is_reached_and_the_proxys_orders_are_not(researcher: Person, node: Node) -> None:
    gateway, hub_port = node.deployment["hub_url"].removeprefix("http://").split(":")
    api_port = node.deployment["proxy_api_url"].rsplit(":", 1)[1]
    public_port = node.url.rsplit(":", 1)[1]
    assert researcher.connect(gateway, int(hub_port)) == "connected"
    assert researcher.connect(gateway, int(api_port)) == "ConnectionRefusedError"
    assert researcher.connect(gateway, int(public_port)) == "ConnectionRefusedError"


def test_other_programs_of_the_node_are_refused_on_every_address_of_it(researcher: Person, node: Node) -> None:
    gateway = node.deployment["hub_url"].removeprefix("http://").split(":")[0]
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        own = {gateway, "172.17.0.1", *_host_addresses()}
        outcomes = {address: researcher.connect(address, server.server_port) for address in own}
    finally:
        server.shutdown()
        server.server_close()
    assert "connected" not in outcomes.values(), outcomes


def _host_addresses() -> set[str]:
    found = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return {address for address in found if not address.startswith("127.")}


def test_private_networks_are_refused(researcher: Person) -> None:
    for address in ("10.255.255.1", "192.168.255.1", "172.31.255.1", "100.64.0.1"):
        assert researcher.connect(address, 80) == "ConnectionRefusedError", address


def test_one_person_cannot_use_anothers_session_through_the_hub(researcher: Person, colleague: Person) -> None:
    answer = colleague.web.get(f"/user/{researcher.username}/api/contents")
    assert answer.status_code in {403, 404}
    assert colleague.api("DELETE", f"/users/{researcher.username}/server").status_code in {403, 404}
    listed = colleague.api("GET", "/users")
    assert listed.status_code == 403 or researcher.username not in {user["name"] for user in listed.json()}


def test_cookies_of_hub_and_session_stay_with_their_owners_pages(researcher: Person) -> None:
    researcher.in_session("lab")
    for address in (f"{researcher.node.url}/hub/login", f"{researcher.node.url}/user/{researcher.username}/lab"):
        given = httpx.get(address).headers.get_list("set-cookie")
        assert given, address
        for cookie in given:
            assert "SameSite=Lax" in cookie, cookie
            assert f"Path=/user/{researcher.username}" in cookie or "Path=/hub/" in cookie, cookie


def test_a_sessions_token_opens_nothing_of_others(researcher: Person, colleague: Person, node: Node) -> None:
    program = (
        "import json, os, urllib.request, urllib.error, sys\n"
        "def get(path):\n"
        "    request = urllib.request.Request(os.environ['JUPYTERHUB_API_URL'] + path)\n"
        "    request.add_header('Authorization', 'token ' + os.environ['JUPYTERHUB_API_TOKEN'])\n"
        "    try:\n"
        "        return urllib.request.urlopen(request).status\n"
        "    except urllib.error.HTTPError as error:\n"
        "        return error.code\n"
        "print(json.dumps({path: get(path) for path in sys.argv[1:]}))\n"
    )
    others = f"/users/{colleague.username}"
    found = json.loads(
        researcher.run("python", "-c", program, "/users", others, f"{others}/tokens", "/proxy", "/services")
    )
    assert not [path for path, status in found.items() if status == 200], found
