"""An OpenID provider in a thread: real HTTP, real keys, real signatures, and it misbehaves as told."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import Key, KeySet, RSAKey

from tests.servers.ports import free_port

CLIENT_ID = "fmn"
CLIENT_SECRET = "the provider knows it: &%?"

Claims = dict[str, Any]


@dataclass(frozen=True)
class Grant:
    """What a code is good for, once."""

    redirect_uri: str
    nonce: str
    challenge: str
    scope: str


@dataclass
class Behaviour:
    """What the provider does and whom it has there. Tests change it as they like."""

    #: What it says of whoever signs in: in the ID token, and at its userinfo endpoint.
    claims: Claims = field(default_factory=lambda: {"nickname": "alice", "email": "alice@example.org"})
    userinfo: Claims = field(default_factory=dict)
    #: Changes what the ID token says, or what the discovery document says, before others see it.
    alter: Callable[[Claims], None] = lambda _claims: None
    publish: Callable[[Claims], None] = lambda _document: None
    #: Signs an ID token in place of the provider.
    sign: Callable[[Claims], str] | None = None
    #: Changes what it gives for a code.
    give: Callable[[Claims], object] = lambda answer: answer
    #: What it answers in place of a code, such as ``access_denied``.
    refusal: str = ""
    #: Paths at which it answers with a fault of its own.
    broken: frozenset[str] = frozenset()


class OidcProvider:
    """A provider on loopback that lets everybody in unasked. Between ``stop`` and ``start`` it's away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.behaviour = Behaviour()
        self.keys: list[Key] = []
        self.grants: dict[str, Grant] = {}
        #: Paths that were asked for, in this order.
        self.asked: list[str] = []
        self.change_keys()

    def change_keys(self) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.keys = [RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)]

    def sign_as(self, other: OidcProvider) -> None:
        """Say from now on that one's own key is the other's."""
        key = self.keys[0].as_dict(private=True)
        self.keys = [RSAKey.import_key({**key, "kid": str(other.keys[0].kid)})]

    def signed(self, claims: Claims) -> str:
        """Claims in a token that the provider has signed."""
        return jwt.encode({"alg": "RS256", "kid": self.keys[0].kid}, claims, self.keys[0])

    def start(self) -> None:
        """Listen; returns when browsers may come."""
        provider = self

        class Handler(_Handler):
            def answer(self, path: str, given: Mapping[str, str]) -> None:
                _answer(provider, self, path, given)

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="OpenID provider", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Go away."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    def answer(self, path: str, given: Mapping[str, str]) -> None:
        raise NotImplementedError

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.answer(parts.path, _first(parts.query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(urlsplit(self.path).path, _first(body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass

    def json(self, value: object, status: int = 200) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def redirect(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _first(query: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _answer(provider: OidcProvider, browser: _Handler, path: str, given: Mapping[str, str]) -> None:
    provider.asked.append(path)
    if path in provider.behaviour.broken:
        return browser.json({"sorry": "made up"}, 500)
    answers = {
        "/.well-known/openid-configuration": _configuration, "/authorize": _authorize, "/token": _token,
        "/keys": _keys, "/userinfo": _userinfo, "/leave": _leave,
    }
    return answers[path](provider, browser, given)


def _configuration(provider: OidcProvider, browser: _Handler, _given: Mapping[str, str]) -> None:
    document: Claims = {
        "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize",
        "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
        "userinfo_endpoint": f"{provider.issuer}/userinfo",
        "end_session_endpoint": f"{provider.issuer}/leave",
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    provider.behaviour.publish(document)
    browser.json(document)


def _authorize(provider: OidcProvider, browser: _Handler, given: Mapping[str, str]) -> None:
    assert given["response_type"] == "code"
    assert given["client_id"] == CLIENT_ID
    assert given["code_challenge_method"] == "S256"
    assert "openid" in given["scope"].split()
    back = {"state": given["state"]}
    if provider.behaviour.refusal:
        back["error"] = provider.behaviour.refusal
    else:
        back["code"] = secrets.token_urlsafe(16)
        provider.grants[back["code"]] = Grant(
            given["redirect_uri"], given["nonce"], given["code_challenge"], given["scope"])
    browser.redirect(f"{given['redirect_uri']}?{urlencode(back)}")


def _token(provider: OidcProvider, browser: _Handler, given: Mapping[str, str]) -> None:
    if not _is_client(browser, given):
        return browser.json({"error": "invalid_client"}, 401)
    grant = provider.grants.pop(given["code"], None)
    proof = base64.urlsafe_b64encode(sha256(given["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    if grant is None or grant.challenge != proof or grant.redirect_uri != given["redirect_uri"]:
        return browser.json({"error": "invalid_grant"}, 400)
    now = int(time.time())
    claims = {
        "iss": provider.issuer, "aud": CLIENT_ID, "sub": "person-1", "iat": now, "exp": now + 300,
        "nonce": grant.nonce, **provider.behaviour.claims,
    }
    provider.behaviour.alter(claims)
    sign = provider.behaviour.sign or provider.signed
    return browser.json(provider.behaviour.give({
        "access_token": "for userinfo", "token_type": "Bearer", "expires_in": 300, "id_token": sign(claims)}))


def _is_client(browser: _Handler, given: Mapping[str, str]) -> bool:
    shown = f"{given.get('client_id')}:{given.get('client_secret')}"
    if header := browser.headers.get("Authorization"):
        shown = base64.b64decode(header.removeprefix("Basic ")).decode()
    return shown == f"{CLIENT_ID}:{CLIENT_SECRET}"


def _keys(provider: OidcProvider, browser: _Handler, _given: Mapping[str, str]) -> None:
    browser.json(KeySet(provider.keys).as_dict(private=False))


def _userinfo(provider: OidcProvider, browser: _Handler, _given: Mapping[str, str]) -> None:
    if browser.headers["Authorization"] != "Bearer for userinfo":
        return browser.json({"error": "invalid_token"}, 401)
    return browser.json({"sub": "person-1", **provider.behaviour.userinfo})


def _leave(_provider: OidcProvider, browser: _Handler, given: Mapping[str, str]) -> None:
    browser.redirect(given["post_logout_redirect_uri"])
