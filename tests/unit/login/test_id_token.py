"""ID tokens, honest and forged."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from lifedesk_hub.login.errors import AnswerNotTrusted
from lifedesk_hub.login.id_token import read_keys, verify_id_token
from tests.support.tampering import (
    KEY_ID,
    jwk_set,
    signed,
    signed_with_client_secret,
    signing_key,
    unsigned,
)

ISSUER = "https://login.example/oidc/"
CLIENT = "node"
KEYS = read_keys(jwk_set((KEY_ID, signing_key())))


def claims(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    base = {"iss": ISSUER, "sub": "s", "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": "n"}
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def verify(token: str, nonce: str | None = "n", access_token: str | None = None) -> dict[str, object]:
    return verify_id_token(token, KEYS, issuer=ISSUER, client_id=CLIENT, nonce=nonce, access_token=access_token)


def reason(token: str, **arguments: Any) -> str:
    with pytest.raises(AnswerNotTrusted, match="could not be verified, so nobody was logged in") as caught:
        verify(token, **arguments)
    assert token not in str(caught.value) + caught.value.reason
    return caught.value.reason


def test_an_honest_token_is_believed() -> None:
    assert verify(signed(claims()))["sub"] == "s"


def test_a_token_for_this_client_among_others_is_believed_if_it_was_given_to_this_one() -> None:
    assert verify(signed(claims(aud=[CLIENT, "other"], azp=CLIENT)))["sub"] == "s"


def test_the_hash_of_the_access_token_is_compared() -> None:
    half = base64.urlsafe_b64encode(hashlib.sha256(b"token").digest()[:16]).rstrip(b"=").decode()
    assert verify(signed(claims(at_hash=half)), access_token="token")["sub"] == "s"
    assert reason(signed(claims(at_hash=half)), access_token="other") == "ID token: at_hash of another access token"


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (unsigned(claims()), "not signed with RS256"),
        (signed_with_client_secret(claims()), "not signed with RS256"),
        (signed(claims(), signing_key("foreign")), "InvalidSignatureError"),
        (signed(claims(), key_id="other"), "signed with an unknown key"),
        (signed(claims())[:-10], "InvalidSignatureError"),
        ("garbage", "unreadable (DecodeError)"),
        ("a.b.c", "unreadable (DecodeError)"),
        ("x" * 100_000, "not signed with RS256"),
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(token: str, why: str) -> None:
    assert reason(token) == f"ID token: {why}"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://evil.example"}, "InvalidIssuerError"),
        ({"iss": ISSUER.rstrip("/")}, "InvalidIssuerError"),
        ({"iss": ISSUER + "/"}, "InvalidIssuerError"),
        ({"iss": None}, "MissingRequiredClaimError"),
        ({"aud": "other"}, "InvalidAudienceError"),
        ({"aud": [CLIENT, "other"]}, "several audiences and no azp"),
        ({"aud": []}, "MissingRequiredClaimError"),
        ({"azp": "other"}, "azp of another client"),
        ({"exp": int(time.time()) - 120}, "ExpiredSignatureError"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"iat": int(time.time()) + 3600}, "ImmatureSignatureError"),
        ({"nbf": int(time.time()) + 3600}, "ImmatureSignatureError"),
        ({"sub": None}, "MissingRequiredClaimError"),
        ({"sub": 7}, "InvalidSubjectError"),
        ({"nonce": "other"}, "nonce of another login"),
        ({"nonce": None}, "nonce of another login"),
        ({"nonce": ["n"]}, "nonce of another login"),
    ],
)
def test_a_token_for_something_else_is_refused(changes: dict[str, object], why: str) -> None:
    assert reason(signed(claims(**changes))) == f"ID token: {why}"


def test_a_token_without_key_id_needs_the_only_key_there_is() -> None:
    token = signed(claims(), key_id=None)
    assert verify(token)["sub"] == "s"
    two = read_keys(jwk_set((KEY_ID, signing_key()), ("key-2", signing_key("second"))))
    with pytest.raises(AnswerNotTrusted):
        verify_id_token(token, two, issuer=ISSUER, client_id=CLIENT, nonce="n")


def test_only_strong_rsa_signing_keys_are_read() -> None:
    good = jwk_set((KEY_ID, signing_key()))["keys"][0]
    weak = generate_private_key(public_exponent=65537, key_size=1024)
    others = [
        {**good, "kid": "encryption", "use": "enc"},
        {**good, "kid": "other algorithm", "alg": "PS256"},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "damaged", "n": "!", "e": "AQAB"},
        jwk_set(("weak", weak))["keys"][0],
        "nonsense",
    ]
    assert list(read_keys({"keys": [*others, good]})) == [KEY_ID]


@pytest.mark.parametrize("document", [None, [], {}, {"keys": {}}, "keys"])
def test_what_is_no_key_set_is_said_so(document: object) -> None:
    with pytest.raises(ValueError, match="no JWK set"):
        read_keys(document)


def test_the_tokens_of_these_tests_are_well_formed() -> None:
    assert jwt.get_unverified_header(signed_with_client_secret(claims()))["alg"] == "HS256"
    assert jwt.get_unverified_header(unsigned(claims()))["alg"] == "none"
