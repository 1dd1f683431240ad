"""An identity provider that lies on request: a real HTTP server whose every answer a test can bend."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from tests.support.identity_providers import CLIENT_ID, CLIENT_SECRET, urn

SUBJECT = "somebody@liar.example"
KEY_ID = "key-1"

Sign = Callable[[dict[str, Any]], str]


@cache
def signing_key(name: str = "own") -> RSAPrivateKey:
    """An RSA key, the same one for the same name."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def signed(claims: dict[str, Any], key: RSAPrivateKey | None = None, key_id: str | None = KEY_ID) -> str:
    """An ID token, RS256."""
    headers = {"kid": key_id} if key_id is not None else None
    return jwt.encode(claims, key or signing_key(), algorithm="RS256", headers=headers)


def unsigned(claims: dict[str, Any]) -> str:
    """A token with `alg: none`."""
    return jwt.encode(claims, "", algorithm="none")


def signed_with_client_secret(claims: dict[str, Any]) -> str:
    """A token with `alg: HS256`, made by somebody who knows the client secret (or takes a public key for one)."""
    parts = [{"alg": "HS256", "typ": "JWT", "kid": KEY_ID}, claims]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.HMAC(CLIENT_SECRET.encode(), hashes.SHA256())
    mac.update(text.encode())
    return f"{text}.{base64.urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"


def jwk_set(*keys: tuple[str, RSAPrivateKey]) -> dict[str, Any]:
    """The public halves as a JWK set."""
    entries = [{**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"} for kid, key in keys]
    return {"keys": entries}


@dataclass
class Lies:
    """What differs from an honest answer. As it is made, nothing does."""

    metadata: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, str | None] = field(default_factory=dict)
    """Parameters of the way back that are replaced, or left out where None."""
    id_claims: dict[str, Any] = field(default_factory=dict)
    """Claims of the ID token that are replaced, or left out where None."""
    sign: Sign = signed
    userinfo: dict[str, Any] = field(default_factory=dict)
    """Claims of the userinfo answer that are replaced, or left out where None."""
    raw: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    """Path → status, media type and body to send instead."""


class LyingProvider:
    """The provider; `lies` may be replaced at any time."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.lies = Lies()
        self.requests: list[str] = []
        self._attempts: dict[str, dict[str, str]] = {}

    def answer(self, path: str, query: dict[str, str], form: dict[str, str]) -> tuple[int, str, bytes]:
        """Status, media type (or for a redirect its target) and body."""
        self.requests.append(path)
        if path in self.lies.raw:
            return self.lies.raw[path]
        match path:
            case "/.well-known/openid-configuration":
                return _json({**self._metadata(), **self.lies.metadata})
            case "/authorize":
                return self._authorize(query)
            case "/token":
                return self._token(form)
            case "/userinfo":
                return _json(_bent({"sub": SUBJECT, "eduperson_entitlement": [urn("imaging")]}, self.lies.userinfo))
            case "/jwks":
                return _json(jwk_set((KEY_ID, signing_key())))
        return 404, "text/plain", b"nothing here"

    def _metadata(self) -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        endpoints = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **endpoints}

    def _authorize(self, query: dict[str, str]) -> tuple[int, str, bytes]:
        code = secrets.token_urlsafe(16)
        self._attempts[code] = query
        parameters = _bent({"code": code, "state": query["state"]}, self.lies.callback)
        return 302, f"{query['redirect_uri']}?{urlencode(parameters)}", b""

    def _token(self, form: dict[str, str]) -> tuple[int, str, bytes]:
        attempt = self._attempts.pop(form.get("code", ""), None)
        if attempt is None:
            return 400, "application/json", b'{"error": "invalid_grant"}'
        claims = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + 600,
            "nonce": attempt["nonce"],
        }
        id_token = self.lies.sign(_bent(claims, self.lies.id_claims))
        return _json({"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": id_token})


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """The provider on a free port of this machine, gone afterwards."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(_flat(self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def _answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            status, kind, body = provider.answer(parts.path, _flat(parts.query), form)
            self.send_response(status)
            self.send_header("Location" if status == 302 else "Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = LyingProvider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _bent(honest: dict[str, Any], lies: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**honest, **lies}.items() if value is not None}


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _json(document: object) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(document).encode()
