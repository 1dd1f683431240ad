"""Verification of ID tokens: OpenID Connect Core 1.0, section 3.1.3.7, with RS256 and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from lifedesk_hub.login.errors import AnswerNotTrusted

LEEWAY_SECONDS = 30
"""How far the clocks of provider and hub may differ."""
SMALLEST_KEY_BITS = 2048
_LONGEST_TOKEN = 64 * 1024

Keys = Mapping[str | None, RSAPublicKey]
"""Signing keys by key id; None is the id of a key that has none."""


def read_keys(document: object) -> dict[str | None, RSAPublicKey]:
    """The RSA signing keys of a JWK set (RFC 7517). Others are passed over. Raises `ValueError` for no JWK set."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no JWK set: it has no list of keys")
    keys: dict[str | None, RSAPublicKey] = {}
    for entry in entries:
        if isinstance(entry, dict) and _is_signing_key(entry):
            try:
                key = RSAAlgorithm.from_jwk(entry)
            except (jwt.InvalidKeyError, ValueError):
                continue
            if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY_BITS:
                key_id = entry.get("kid")
                keys[key_id if isinstance(key_id, str) else None] = key
    return keys


def key_id_of(token: str) -> str | None:
    """The id of the key that signed the token, by the token's own unverified word. Raises `AnswerNotTrusted`."""
    try:
        header = jwt.get_unverified_header(token) if len(token) <= _LONGEST_TOKEN else {}
    except jwt.InvalidTokenError as error:
        raise _not_trusted(f"unreadable ({type(error).__name__})") from error
    if header.get("alg") != "RS256":
        raise _not_trusted("not signed with RS256")
    key_id = header.get("kid")
    return key_id if isinstance(key_id, str) else None


def key_for(keys: Keys, key_id: str | None) -> RSAPublicKey | None:
    """The key of that id; a token without one is meant for the only key there is."""
    if key_id is None and len(keys) == 1:
        return next(iter(keys.values()))
    return keys.get(key_id)


def verify_id_token(
    token: str,
    keys: Keys,
    *,
    issuer: str,
    client_id: str,
    nonce: str | None,
    access_token: str | None = None,
) -> dict[str, object]:
    """The claims of the token, once it is certain who signed it, for whom, when, and for which login.

    A `nonce` of None is not compared: the answer to a renewal has none. Raises `AnswerNotTrusted`.
    """
    key = key_for(keys, key_id_of(token))
    if key is None:
        raise _not_trusted("signed with an unknown key")
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.InvalidTokenError as error:
        raise _not_trusted(type(error).__name__) from error
    _check_party(claims, client_id)
    if nonce is not None and not _same(claims.get("nonce"), nonce):
        raise _not_trusted("nonce of another login")
    if access_token is not None and "at_hash" in claims and not _same(claims["at_hash"], _half_hash(access_token)):
        raise _not_trusted("at_hash of another access token")
    return claims


def _check_party(claims: Mapping[str, object], client_id: str) -> None:
    """The token is for this client, and if it is for others too, it was given to this one."""
    audience, party = claims["aud"], claims.get("azp")
    if party is not None and party != client_id:
        raise _not_trusted("azp of another client")
    if isinstance(audience, list) and len(audience) != 1 and party is None:
        raise _not_trusted("several audiences and no azp")


def _is_signing_key(entry: Mapping[str, object]) -> bool:
    return entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig" and entry.get("alg", "RS256") == "RS256"


def _same(value: object, expected: str) -> bool:
    return isinstance(value, str) and hmac.compare_digest(value.encode(), expected.encode())


def _half_hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")


def _not_trusted(what: str) -> AnswerNotTrusted:
    return AnswerNotTrusted(
        "The login provider's answer could not be verified, so nobody was logged in.", reason=f"ID token: {what}"
    )
