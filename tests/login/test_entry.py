"""Who gets in, under which name, and what those read who do not."""

from __future__ import annotations

import re

from tests.support.http_browser import text_of
from tests.support.login_node import OPERATOR, RESEARCHER, STRANGER, LoginNode


def test_a_member_gets_in_under_a_hashed_name_and_with_their_groups(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    page = visitor.log_in(RESEARCHER)
    assert page.status_code == 200
    assert str(page.url) == f"{login_node.hub.url}/hub/home"
    user = login_node.hub.user(visitor.name())
    assert re.fullmatch(r"u[a-z2-7]{24}", user["name"])
    assert sorted(user["groups"]) == ["imaging", "structural"]
    assert user["admin"] is False
    assert user["user_info"]["display_name"] == "Researcher Person"
    assert user["user_info"]["subject"] == RESEARCHER.subject
    assert user["user_info"]["provider_id"] == "demo"


def test_a_second_login_leads_to_the_same_user(login_node: LoginNode) -> None:
    first, second = login_node.visitor(), login_node.visitor()
    first.log_in(RESEARCHER)
    second.log_in(RESEARCHER)
    assert first.name() == second.name()
    assert first.my_data()["identity"] == second.my_data()["identity"]


def test_a_member_of_an_admin_group_administers_and_can_act_as_nobody_else(login_node: LoginNode) -> None:
    other = login_node.visitor()
    other.log_in(RESEARCHER)
    visitor = login_node.visitor()
    visitor.log_in(OPERATOR)
    assert visitor.status("/hub/admin") == 200
    token = visitor.new_token()
    assert login_node.hub.user(visitor.name())["admin"] is False
    [seen] = [user for user in login_node.hub.api("GET", "/users", token).json() if user["name"] == other.name()]
    assert seen["user_info"]["display_name"] == "Researcher Person"
    assert "auth_state" not in login_node.hub.api("GET", f"/users/{other.name()}", token).json()
    for method, path, body in (
        ("POST", f"/users/{other.name()}/tokens", {"note": "mine now"}),
        ("GET", f"/users/{other.name()}/tokens", None),
        ("PATCH", f"/users/{other.name()}", {"admin": True}),
        ("PATCH", f"/users/{visitor.name()}", {"admin": True}),
        ("POST", "/users/newcomer", None),
        ("POST", "/shutdown", {}),
    ):
        assert login_node.hub.api(method, path, token, body).status_code in {403, 404}, (method, path)
    assert visitor.status(f"/user/{other.name()}/") != 200


def test_a_stranger_reads_whom_to_ask_and_what_their_login_brought(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    page = visitor.log_in(STRANGER)
    assert page.status_code == 403
    assert (
        "You are logged in through the demo login as Stranger Person, but you do not belong to any group of Test node. "
        "Your login brought these groups: urn:geant:elsewhere.example:group:anglers. "
        "Ask the test desk (desk@lifedesk.example) for access."
    ) in text_of(page)
    assert visitor.status("/hub/home") == 302
    refusals = [entry for entry in login_node.hub.audit if entry["event"] == "login_refused"]
    assert refusals[-1]["reason"] == "no group of this node"
    assert re.fullmatch(r"u[a-z2-7]{24}", refusals[-1]["user"])


def test_the_login_page_names_the_provider(login_node: LoginNode) -> None:
    assert "the demo login" in text_of(login_node.visitor().open("/hub/login"))


def test_logins_are_written_to_the_audit_log_without_names_or_tokens(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    visitor.log_in(RESEARCHER)
    entry = next(entry for entry in reversed(login_node.hub.audit) if entry["event"] == "login")
    assert entry["user"] == visitor.name()
    assert entry["groups"] == ["imaging", "structural"]
    assert set(entry) == {"time", "event", "user", "groups", "is_admin", "address"}
