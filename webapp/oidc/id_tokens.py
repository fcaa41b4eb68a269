"""ID token validation (OpenID Connect Core 1.0, section 3.1.3.7).

Pure: the keys are arguments, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

#: Signatures that only the provider can make. Not "none", and none that's made with a secret: whoever takes
#: a public key for that secret believes everybody.
ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
#: Seconds by which the provider's clock and ours may differ.
LEEWAY: Final = 60


class IdTokenError(Exception):
    """Invalid ID token; the text says why, for the log."""


class UnknownKeyError(IdTokenError):
    """The signature fits none of the keys. The provider may have new ones."""


@dataclass(frozen=True)
class ExpectedClaims:
    """Values that an ID token must have: issuer, audience, and the nonce of our request."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None = None


def read_id_token(text: object, keys: KeySet, expected: ExpectedClaims, now: float) -> Mapping[str, Any]:
    """Validate an ID token and return its claims; ``now`` is in seconds since 1970.

    Raises :class:`IdTokenError`, or :class:`UnknownKeyError` if other keys may help.
    """
    if not isinstance(text, str):
        raise IdTokenError("there is none")
    try:
        token = jwt.decode(text, keys, registry=_registry())
        claims = CodeIDToken(token.claims, token.header, _options(expected), {
            "nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token})
        claims.validate(int(now), LEEWAY)
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKeyError(str(error)) from error
    except JoseError as error:
        raise IdTokenError(str(error)) from error
    except (ValueError, TypeError) as error:
        raise IdTokenError(f"it's malformed: {type(error).__name__}") from error
    return claims


def _registry() -> JWSRegistry:
    # Providers put things of their own in the header.
    return JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


def _options(expected: ExpectedClaims) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True},
    }
