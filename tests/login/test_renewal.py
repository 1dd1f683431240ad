"""What happens to people who are in when the provider changes its mind, renews tokens, or is gone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.http_browser import text_of
from tests.support.hub_process import LoginHub, login_site
from tests.support.login_node import OPERATOR, RESEARCHER, RESEARCHER2, LoginNode
from tests.support.waiting import wait_until

StartNode = Callable[..., LoginNode]


def events(hub: LoginHub, name: str) -> list[str]:
    return [entry["event"] for entry in hub.audit if entry.get("user") == name]


def test_a_person_without_groups_loses_tokens_and_server_though_nobody_looks(quick_node: StartNode) -> None:
    node = quick_node()
    visitor = node.visitor()
    visitor.log_in(RESEARCHER)
    name, token, server = visitor.name(), visitor.new_token(), visitor.start_server()
    assert node.hub.api("GET", "/user", token).status_code == 200

    node.provider.set_groups("researcher")
    wait_until(lambda: not node.hub.user(name).get("servers"), "the sweep did not stop the server", timeout_seconds=40)

    assert visitor.status(server) != 200
    assert visitor.status("/hub/home") == 302
    assert node.hub.api("GET", "/user", token).status_code == 403
    assert node.hub.user(name)["groups"] == []
    assert events(node.hub, name)[-2:] == ["groups_changed", "access_ended"]
    assert visitor.log_in(RESEARCHER).status_code == 403

    node.provider.set_groups("researcher", "imaging")
    assert visitor.log_in(RESEARCHER).status_code == 200
    assert node.hub.api("GET", "/user", token).status_code == 403
    assert visitor.name() == name


@pytest.mark.parametrize("token_seconds", [3600, 2])
def test_a_deleted_account_loses_tokens_and_server(quick_node: StartNode, token_seconds: int) -> None:
    node = quick_node(ttl_seconds={"access_token": token_seconds})
    visitor, operator = node.visitor(), node.visitor()
    visitor.log_in(RESEARCHER2)
    operator.log_in(OPERATOR)
    name, token = visitor.name(), visitor.new_token()
    visitor.start_server()

    node.provider.remove("researcher2")
    wait_until(lambda: node.hub.api("GET", "/user", token).status_code == 403, "the token still works")
    wait_until(lambda: not node.hub.user(name).get("servers"), "the server still runs")
    assert visitor.status("/hub/home") == 302

    answer = operator.start_server_of(name)
    assert 400 <= answer.status_code < 500, answer.text
    assert "AttributeError" not in node.hub.log


def test_a_login_that_is_not_renewed_ends_at_once_but_its_server_only_after_the_grace(quick_node: StartNode) -> None:
    node = quick_node(ttl_seconds={"access_token": 2}, grace_seconds=3600)
    visitor = node.visitor()
    visitor.log_in(RESEARCHER2)
    name, token = visitor.name(), visitor.new_token()
    visitor.start_server()

    node.provider.remove("researcher2")
    wait_until(lambda: visitor.status("/hub/home") == 302, "still logged in")
    assert node.hub.api("GET", "/user", token).status_code == 403
    assert node.hub.user(name)["servers"]
    assert "access_ended" not in events(node.hub, name)


def test_groups_and_admin_role_follow_the_provider(quick_node: StartNode) -> None:
    node = quick_node()
    visitor = node.visitor()
    visitor.log_in(OPERATOR)
    name = visitor.name()
    assert visitor.status("/hub/admin") == 200

    node.provider.set_groups("operator", "structural")
    wait_until(lambda: visitor.status("/hub/admin") == 403, "still an admin")
    assert visitor.status("/hub/home") == 200
    user = node.hub.user(name)
    assert (user["groups"], user["admin"], user["roles"]) == (["structural"], False, ["user"])
    assert events(node.hub, name)[-2:] == ["groups_changed", "admin_changed"]


def test_six_requests_at_once_use_a_rotating_refresh_token_once(quick_node: StartNode) -> None:
    node = quick_node(ttl_seconds={"access_token": 4})
    visitor = node.visitor()
    visitor.log_in(RESEARCHER)

    def renewals() -> int:
        return node.provider.log.count("tokens_issued") - 1

    with ThreadPoolExecutor(6) as pool:

        def round_of_six_renews() -> bool:
            before = renewals()
            statuses = list(pool.map(lambda _: visitor.status("/hub/home"), range(6)))
            assert statuses == [200] * 6
            assert renewals() - before <= 1
            return renewals() >= 2

        wait_until(round_of_six_renews, "no access token was renewed twice", timeout_seconds=40)
    assert "grant_revoked" not in node.provider.log


def test_people_stay_in_for_a_while_when_the_provider_is_down_and_then_nobody_does(quick_node: StartNode) -> None:
    node = quick_node(grace_seconds=6)
    visitor = node.visitor()
    visitor.log_in(RESEARCHER)
    token, server = visitor.new_token(), visitor.start_server()
    node.provider.stop()

    def was_let_in() -> bool:
        assert visitor.status("/hub/home") == 200
        return "let in for now" in node.hub.log

    wait_until(was_let_in, "nobody was let in while the provider was down")
    wait_until(lambda: visitor.status("/hub/home") == 302, "people stay in for ever")
    assert node.hub.api("GET", "/user", token).status_code == 403
    page = visitor.begin()
    assert page.status_code == 503
    assert "The demo login cannot be reached at the moment. Try again in a few minutes." in text_of(page)

    node.provider.start()
    assert visitor.log_in(RESEARCHER).status_code == 200
    assert node.hub.api("GET", "/user", token).status_code == 200
    assert visitor.status(server) == 200
    assert "Traceback" not in node.hub.log


def test_a_hub_that_starts_before_its_provider_says_so_and_recovers(login_node_parts: LoginNode) -> None:
    node = login_node_parts
    node.hub.start(login_site(), node.provider.issuer)
    page = node.visitor().begin()
    assert page.status_code == 503
    assert "The demo login cannot be reached at the moment. Try again in a few minutes." in text_of(page)
    node.provider.start()
    assert node.visitor().log_in(RESEARCHER).status_code == 200


def test_logins_go_on_after_the_provider_changed_its_signing_key(login_node: LoginNode) -> None:
    assert login_node.visitor().log_in(RESEARCHER).status_code == 200
    login_node.provider.rotate_keys()
    assert login_node.visitor().log_in(RESEARCHER2).status_code == 200
