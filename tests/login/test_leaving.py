"""Logging out, and taking one's own data along."""

from __future__ import annotations

import json
from pathlib import Path

from lifedesk_hub.login.names import username_for
from tests.support.http_browser import forms_of, text_of
from tests.support.hub_process import login_site, other_provider
from tests.support.identity_providers import Person
from tests.support.login_node import OPERATOR, RESEARCHER, LoginNode


def test_after_logging_out_the_provider_asks_for_the_password_again(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    visitor.log_in(RESEARCHER)
    assert visitor.begin("/hub/home").url.path == "/hub/home"  # the provider's own session: no question

    confirmation = visitor.open("/hub/logout")
    form = forms_of(confirmation)[0]
    landing = visitor.browser.submit(confirmation, form)

    assert str(landing.url) == f"{login_node.hub.url}/hub/login"
    assert visitor.status("/hub/home") == 302
    assert any("password" in form.fields for form in forms_of(visitor.begin("/hub/home")))
    assert login_node.hub.audit[-1]["event"] == "logout"


def test_a_session_goes_on_computing_after_its_owner_logged_out(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    visitor.log_in(OPERATOR)
    name = visitor.name()
    visitor.start_server()
    confirmation = visitor.open("/hub/logout")
    visitor.browser.submit(confirmation, forms_of(confirmation)[0])
    assert login_node.hub.user(name)["servers"]
    visitor.log_in(OPERATOR)
    assert visitor.status(f"/user/{name}/") == 200


def test_ones_own_data_holds_what_the_hub_knows_and_no_token(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    visitor.log_in(RESEARCHER)
    token = visitor.new_token()
    answer = visitor.open("/hub/my-data")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(answer.text)
    assert data["user"]["groups"] == ["imaging", "structural"]
    assert data["identity"]["subject"] == RESEARCHER.subject
    assert data["identity"]["display_name"] == "Researcher Person"
    assert "login" in {entry["event"] for entry in data["audit"]}
    assert {entry["user"] for entry in data["audit"]} == {data["user"]["name"]}
    assert "tests" in str(data["tokens"])
    assert token not in answer.text
    assert "eyJ" not in answer.text
    assert "access_token" not in answer.text


def test_a_visitor_who_is_not_logged_in_is_sent_to_the_login(login_node: LoginNode) -> None:
    answer = login_node.visitor().browser.request("GET", f"{login_node.hub.url}/hub/my-data")
    assert answer.status_code == 302
    assert "/hub/login" in answer.headers["location"]


def test_no_token_is_written_to_the_logs(login_node: LoginNode) -> None:
    visitor = login_node.visitor()
    visitor.log_in(RESEARCHER)
    written = login_node.hub.log + json.dumps(login_node.hub.audit)
    assert "eyJ" not in written
    assert "access_token" not in written
    assert "Rosalind" not in json.dumps(login_node.hub.audit)


def test_the_demo_provider_cannot_vouch_for_an_identity_of_ls_login(tmp_path: Path) -> None:
    subject = "28f7c0ffee@lifescience-ri.eu"
    pretender = Person("pretender", ("imaging",), {"voperson_id": subject})
    node = LoginNode(tmp_path, (pretender,))
    try:
        node.provider.start()
        node.hub.start(login_site(), node.provider.issuer)
        visitor = node.visitor()
        visitor.log_in(pretender)
        assert visitor.name() == username_for("demo", pretender.subject)
        node.hub.stop()

        # A hub that expects LS Login does not take the demo provider for it, wherever the address leads.
        section = {**other_provider(f"{node.provider.issuer}/"), "provider": "ls-login"}
        node.hub.start(login_site(**section), None)
        page = node.visitor().begin()
        assert page.status_code == 503
        assert "LS Login cannot be reached at the moment." in text_of(page)
        assert "letter for letter" in node.hub.log
    finally:
        node.stop()
    assert username_for("demo", subject) != username_for("ls-login", subject)
