"""What a provider says that lies, is broken, or is not the one it should be: never a login, never a traceback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.http_browser import text_of
from tests.support.hub_process import LoginHub, Visitor, login_site, other_provider
from tests.support.identity_providers import CLIENT_SECRET, urn
from tests.support.tampering import (
    Lies,
    LyingProvider,
    Sign,
    lying_provider,
    signed,
    signed_with_client_secret,
    signing_key,
    unsigned,
)

NOT_VERIFIED = "The login provider's answer could not be verified, so nobody was logged in."
NO_IDENTIFIER = (
    "Your organisation's login did not say who you are in a form this node can use. "
    "Write to the test desk (desk@lifedesk.example)."
)


@pytest.fixture(scope="module")
def provider() -> Iterator[LyingProvider]:
    with lying_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def hub(provider: LyingProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginHub]:
    hub = LoginHub(tmp_path_factory.mktemp("hub"))
    try:
        hub.start(login_site(**other_provider(provider.issuer)), None)
        yield hub
    finally:
        hub.stop()


@pytest.fixture(autouse=True)
def honest_again(provider: LyingProvider) -> Iterator[None]:
    yield
    provider.lies = Lies()


def refused(hub: LoginHub, status: int, sentence: str) -> None:
    """A login ends with that page, and with nobody logged in."""
    visitor = Visitor(hub)
    page = visitor.begin("/hub/home")
    assert page.status_code == status, text_of(page)
    assert sentence in text_of(page)
    assert visitor.status("/hub/home") == 302


def test_an_honest_answer_lets_somebody_in(hub: LoginHub, provider: LyingProvider) -> None:
    visitor = Visitor(hub)
    assert visitor.begin("/hub/home").status_code == 200
    assert hub.user(visitor.name())["groups"] == ["imaging"]


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(unsigned, id="alg none"),
        pytest.param(signed_with_client_secret, id="HS256 with the client secret"),
        pytest.param(lambda claims: signed(claims, signing_key("foreign")), id="foreign key, same key id"),
        pytest.param(lambda claims: signed(claims, key_id="never seen"), id="unknown key id"),
        pytest.param(lambda claims: "garbage", id="garbage"),
        pytest.param(lambda claims: signed(claims)[:-8], id="cut short"),
    ],
)
def test_a_forged_id_token_is_refused(hub: LoginHub, provider: LyingProvider, sign: Sign) -> None:
    provider.lies = Lies(sign=sign)
    refused(hub, 403, NOT_VERIFIED)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "http://127.0.0.1:1"}, id="other issuer"),
        pytest.param({"aud": "another-client"}, id="other audience"),
        pytest.param({"aud": ["lifedesk-hub", "another"]}, id="several audiences"),
        pytest.param({"azp": "another-client"}, id="given to another client"),
        pytest.param({"exp": int(time.time()) - 3600}, id="expired"),
        pytest.param({"exp": None}, id="without end"),
        pytest.param({"iat": int(time.time()) + 3600}, id="from the future"),
        pytest.param({"nonce": "of another login"}, id="other nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, id="other access token"),
    ],
)
def test_an_id_token_for_something_else_is_refused(
    hub: LoginHub, provider: LyingProvider, claims: dict[str, Any]
) -> None:
    provider.lies = Lies(id_claims=claims)
    refused(hub, 403, NOT_VERIFIED)


def test_an_issuer_with_a_slash_too_many_is_refused(hub: LoginHub, provider: LyingProvider) -> None:
    provider.lies = Lies(id_claims={"iss": f"{provider.issuer}/"})
    refused(hub, 403, NOT_VERIFIED)


def test_userinfo_about_somebody_else_is_refused(hub: LoginHub, provider: LyingProvider) -> None:
    provider.lies = Lies(userinfo={"sub": "victim@liar.example"})
    refused(hub, 403, "The login provider's answers are about different people, so nobody was logged in.")


@pytest.mark.parametrize(
    "subject", ["", 7, True, ["a"], {"a": 1}, "\u0430lice", "\N{KELVIN SIGN}im", " a", "a\x00b", "x" * 256]
)
def test_an_identifier_of_a_wrong_kind_is_refused(hub: LoginHub, provider: LyingProvider, subject: object) -> None:
    provider.lies = Lies(userinfo={"sub": subject}, id_claims={"sub": subject})
    visitor = Visitor(hub)
    page = visitor.begin("/hub/home")
    assert page.status_code == 403, text_of(page)
    assert NO_IDENTIFIER in text_of(page) or NOT_VERIFIED in text_of(page)
    assert visitor.status("/hub/home") == 302


@pytest.mark.parametrize("subject", ["-rf", "root", "$(id)", "../../hub", "..%2f..%2fhub", "ALICE", "alice", "a b"])
def test_an_identifier_never_becomes_part_of_a_name(hub: LoginHub, provider: LyingProvider, subject: str) -> None:
    provider.lies = Lies(userinfo={"sub": subject}, id_claims={"sub": subject})
    visitor = Visitor(hub)
    assert visitor.begin("/hub/home").status_code == 200
    assert visitor.my_data()["identity"]["subject"] == subject
    assert visitor.name()[1:].isalnum()


@pytest.mark.parametrize(
    "entitlement",
    [
        pytest.param(None, id="absent"),
        pytest.param("", id="empty"),
        pytest.param("[]", id="text of a list"),
        pytest.param(42, id="number"),
        pytest.param({"a": urn("imaging")}, id="object"),
        pytest.param([[urn("imaging")], 1, None], id="list of other things"),
        pytest.param(urn("imaging").replace("lifedesk.example:", "lifedesk.evil:"), id="forged namespace"),
        pytest.param(urn("imaging").replace("#demo", "#evil"), id="forged authority"),
        pytest.param(urn("imaging").partition("#")[0], id="authority left out"),
        pytest.param([f"{urn('imaging')}{'x' * 100_000}"], id="100 kB"),
        pytest.param(urn("imaging%2Fx"), id="percent-encoded addition"),
        pytest.param(urn("imaging:sub"), id="subgroup"),
        pytest.param(urn("imaging:role=manager"), id="role"),
        pytest.param(urn("IMAGING"), id="upper case"),
    ],
)
def test_an_entitlement_that_names_no_group_of_ours_gives_none(
    hub: LoginHub, provider: LyingProvider, entitlement: object
) -> None:
    provider.lies = Lies(userinfo={"eduperson_entitlement": entitlement})
    refused(hub, 403, "you do not belong to any group of Test node")


def test_a_single_entitlement_may_come_as_text(hub: LoginHub, provider: LyingProvider) -> None:
    provider.lies = Lies(userinfo={"eduperson_entitlement": urn("imaging")})
    assert Visitor(hub).begin("/hub/home").status_code == 200


def test_names_from_claims_cannot_bend_a_page(hub: LoginHub, provider: LyingProvider) -> None:
    name = "\u202eEve\u0007 <!--<script>alert(1)</script>\n"
    provider.lies = Lies(userinfo={"name": name})
    visitor = Visitor(hub)
    assert visitor.begin("/hub/home").status_code == 200
    assert visitor.my_data()["identity"]["display_name"] == "Eve <!--<script>alert(1)</script>"
    provider.lies = Lies(userinfo={"name": name, "eduperson_entitlement": "<img src=x onerror=alert(1)>"})
    page = Visitor(hub).begin()
    assert page.status_code == 403
    assert "<img src=x" not in page.text
    assert "<script>alert(1)" not in page.text


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/token", (500, "text/html", b"<html>oops</html>")),
        ("/token", (200, "text/html", b"<html>welcome to the hotel network</html>")),
        ("/token", (200, "application/json", b"[]")),
        ("/token", (200, "application/json", b"[" * 100_000)),
        ("/userinfo", (502, "text/html", b"")),
        ("/userinfo", (200, "application/json", b'{"sub": ')),
        ("/userinfo", (200, "application/json", b'{"a": "' + b"x" * 2_000_000 + b'"}')),
    ],
)
def test_a_broken_answer_is_told_in_a_sentence(
    hub: LoginHub, provider: LyingProvider, path: str, answer: tuple[int, str, bytes]
) -> None:
    provider.lies = Lies(raw={path: answer})
    refused(hub, 503, "Your organisation's login cannot be reached at the moment. Try again in a few minutes.")


def test_a_rejected_registration_is_told_in_a_sentence(hub: LoginHub, provider: LyingProvider) -> None:
    provider.lies = Lies(raw={"/token": (401, "application/json", b'{"error": "invalid_client"}')})
    refused(
        hub,
        502,
        "Your organisation's login does not accept this node itself, "
        "so nobody can log in until its operator has seen to it.",
    )


def test_unknown_keys_make_the_hub_ask_for_keys_only_now_and_then(hub: LoginHub, provider: LyingProvider) -> None:
    provider.lies = Lies(sign=lambda claims: signed(claims, key_id="made up"))
    provider.requests.clear()
    for _ in range(6):
        refused(hub, 403, NOT_VERIFIED)
    assert provider.requests.count("/token") == 6
    assert provider.requests.count("/jwks") <= 3


@pytest.mark.parametrize(
    ("callback", "status", "sentence"),
    [
        ({"iss": "https://evil.example"}, 400, "The answer came from another login provider. Log in again."),
        ({"iss": ""}, 400, "The answer came from another login provider. Log in again."),
        ({"code": None}, 400, "The login provider's answer is damaged. Log in again."),
        ({"code": "made-up"}, 400, "did not accept the login: it took too long, or was finished before. Log in again."),
        ({"code": None, "error": "access_denied"}, 403, "was cancelled or refused there."),
        ({"code": None, "error": "server_error"}, 503, "cannot log anybody in at the moment."),
        (
            {"code": None, "error": "<b>chandelier</b>", "error_description": "Call 555-1234 to unlock your account"},
            400,
            "did not accept the request to log in. Log in again; if that does not help, tell the operator.",
        ),
    ],
)
def test_a_bent_way_back_is_refused_with_a_text_of_ours(
    hub: LoginHub, provider: LyingProvider, callback: dict[str, str | None], status: int, sentence: str
) -> None:
    provider.lies = Lies(callback=callback)
    refused(hub, status, sentence)
    page = Visitor(hub).begin()
    assert "555-1234" not in page.text
    assert "chandelier" not in page.text


def test_the_issuer_of_the_way_back_is_demanded_where_the_provider_promised_it(
    provider: LyingProvider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    provider.lies = Lies(metadata={"authorization_response_iss_parameter_supported": True})
    hub = LoginHub(tmp_path_factory.mktemp("strict"))
    try:
        hub.start(login_site(**other_provider(provider.issuer)), None)
        refused(hub, 400, "The answer came from another login provider. Log in again.")
        provider.lies.callback = {"iss": provider.issuer}
        assert Visitor(hub).begin("/hub/home").status_code == 200
    finally:
        hub.stop()


def test_nothing_of_all_this_left_a_traceback_or_a_secret_in_the_log(hub: LoginHub, provider: LyingProvider) -> None:
    assert "Traceback" not in hub.log
    assert CLIENT_SECRET not in hub.log
    assert "eyJ" not in hub.log
