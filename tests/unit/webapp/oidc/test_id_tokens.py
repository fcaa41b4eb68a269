"""ID tokens, honest and forged, with real keys and signatures."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from webapp.oidc.id_tokens import ALGORITHMS, ExpectedClaims, IdTokenError, UnknownKeyError, read_id_token

NOW = 1_800_000_000
KEY = RSAKey.generate_key(2048, auto_kid=True)
CURVE = ECKey.generate_key("P-256", auto_kid=True)
STRANGER = RSAKey.generate_key(2048, auto_kid=True)
KEYS = KeySet.import_key_set(KeySet([KEY, CURVE]).as_dict(private=False))
EXPECTED = ExpectedClaims("https://id.example.org", "fmn", "once", "access")

Claims = dict[str, Any]


def claims(**changed: Any) -> Claims:
    """What an honest token says, with some of it changed, or left out where it's ``None``."""
    honest = {
        "iss": EXPECTED.issuer, "aud": "fmn", "sub": "person-1", "iat": NOW - 5, "exp": NOW + 300,
        "nonce": "once", "nickname": "alice",
    }
    return {name: value for name, value in {**honest, **changed}.items() if value is not None}


def signed(said: Claims, key: Any = KEY, **header: Any) -> str:
    with_key = {name: value for name, value in {"alg": "RS256", "kid": key.kid, **header}.items() if value}
    return jwt.encode(
        with_key, said, key, registry=JWSRegistry(algorithms=[with_key["alg"]], strict_check_header=False))


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def read(token: object) -> Any:
    return read_id_token(token, KEYS, EXPECTED, NOW)


@pytest.mark.parametrize("token", [
    signed(claims()),
    signed(claims(), CURVE, alg="ES256"),
    signed(claims(), alg="PS256"),
    signed(claims(), x5t="a header of the provider's own"),
    signed(claims(aud=["fmn", "other"], azp="fmn")),
    signed(claims(exp=NOW - 30)),  # clocks differ
    signed(claims(at_hash=encoded(sha256(b"access").digest()[:16]))),
])
def test_an_honest_token_says_who_it_is(token: str) -> None:
    assert read(token)["nickname"] == "alice"


@pytest.mark.parametrize("lie", [
    {"iss": "https://evil.example.org"}, {"iss": None},
    {"aud": "other"}, {"aud": ["other"]}, {"aud": None}, {"aud": []},
    {"aud": ["fmn", "other"]}, {"aud": ["fmn", "other"], "azp": "other"}, {"azp": "other"},
    {"exp": NOW - 120}, {"exp": None}, {"exp": "never"}, {"exp": True}, {"iat": None}, {"iat": NOW + 600},
    {"nbf": NOW + 600}, {"nonce": "another"}, {"nonce": None}, {"nonce": ["once"]}, {"sub": None}, {"sub": 7},
    {"at_hash": "of another access token"}, {"at_hash": 5},
])
def test_a_token_for_somebody_or_something_else_is_refused(lie: Claims) -> None:
    with pytest.raises(IdTokenError):
        read(signed(claims(**lie)))


def without_a_key(algorithm: str) -> str:
    header = {"alg": algorithm, "kid": KEY.kid}
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims()))


def unsigned() -> str:
    return f"{without_a_key('none')}."


def signed_with_the_public_key() -> str:
    text = without_a_key("HS256")
    return f"{text}.{encoded(hmac.digest(KEY.as_pem(private=False), text.encode(), 'sha256'))}"


def signed_by_a_stranger() -> str:
    return signed(claims(), STRANGER)


def signed_by_a_stranger_with_our_keys_name() -> str:
    return signed(claims(), STRANGER, kid=KEY.kid)


def signed_with_a_key_of_its_own() -> str:
    return signed(claims(), STRANGER, kid=KEY.kid, jwk=STRANGER.as_dict(private=False))


def changed_afterwards() -> str:
    header, _, signature = signed(claims()).split(".")
    return f"{header}.{signed(claims(nickname='root')).split('.')[1]}.{signature}"


def with_another_keys_algorithm() -> str:
    return signed(claims(), CURVE, alg="ES256", kid=KEY.kid)


@pytest.mark.parametrize("forge", [
    unsigned, signed_with_the_public_key, signed_by_a_stranger, signed_by_a_stranger_with_our_keys_name,
    signed_with_a_key_of_its_own, changed_afterwards, with_another_keys_algorithm])
def test_a_forged_token_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(IdTokenError):
        read(forge())


@pytest.mark.parametrize("nonsense", [
    None, 7, {"a": 1}, "", "a", "a.b", "a.b.c", "....", "é.é.é", signed(claims())[:-4], "x" * 200_000,
    jwt.encode({"alg": "RS256", "kid": KEY.kid}, {}, KEY)])
def test_what_is_no_token_is_refused(nonsense: object) -> None:
    with pytest.raises(IdTokenError):
        read(nonsense)


def test_a_key_that_is_not_known_is_told_apart() -> None:
    with pytest.raises(UnknownKeyError):
        read(signed_by_a_stranger())
    with pytest.raises(UnknownKeyError):
        read(signed(claims(), STRANGER, kid=None))


def test_no_algorithm_lets_anyone_else_sign() -> None:
    for name in ALGORITHMS:
        assert JWSRegistry.algorithms[name].key_type != "oct"
        assert JWSRegistry.algorithms[name].security_warning is None
