"""VAPID: the installation's key pair, with which push services and browsers know its messages (RFC 8292).

The key is derived from the web app's secret, as the secrets of web hooks are, so all processes and hosts
have the same one and none is kept. A browser subscribes to one key: while a previous secret is in the
settings, the subscriptions to its key work. See docs/decisions/0071.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from fmn.delivery.webpush import base64url
from fmn.delivery.webpush.encryption import CURVE, public_bytes
from fmn.settings import Settings

#: Keeps this key apart from all else that is made of the web app's secret.
_SALT: Final = b"fmn.webpush.vapid"
#: Order of the curve's group: private keys are from 1 to one less.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
#: Seconds that a signature is valid. Push services take a day at most.
_VALID_SECONDS: Final = 12 * 3600
#: Characters of a key's id.
KEY_ID_LENGTH: Final = 8


@dataclass(frozen=True)
class VapidKey:
    """A key pair of the installation."""

    private: ec.EllipticCurvePrivateKey

    @cached_property
    def public(self) -> str:
        """The public key, as browsers and push services take it (``applicationServerKey``)."""
        return base64url.encode(public_bytes(self.private.public_key()))

    @cached_property
    def id(self) -> str:
        """Short name of the key, kept with each subscription to it."""
        return base64url.encode(hashlib.sha256(self.public.encode()).digest())[:KEY_ID_LENGTH]

    def authorization(self, endpoint: str, contact: str, now: int) -> str:
        """The header ``Authorization`` of a request to an endpoint, at ``now`` (seconds since 1970).

        ``contact`` is where the push service's operators reach ours: a URI with ``mailto:`` or ``https:``,
        ``""`` for none.
        """
        where = urlsplit(endpoint)
        claims = {"aud": f"{where.scheme}://{where.netloc}", "exp": now + _VALID_SECONDS}
        if contact:
            claims["sub"] = contact
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._signing_key)
        return f"vapid t={token}, k={self.public}"

    @cached_property
    def _signing_key(self) -> ECKey:
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return ECKey.import_key(pem)


@lru_cache(16)
def derive_key(web_secret: str) -> VapidKey:
    """The key pair of a secret of the web app. Even a bit more or less of the secret leads to another one."""
    # Twice the bits of the order: no private key is noticeably likelier than another (FIPS 186-5 A.2.1).
    digest = hmac.digest(web_secret.encode(), _SALT, "sha512")
    return VapidKey(ec.derive_private_key(int.from_bytes(digest) % (_ORDER - 1) + 1, CURVE))


def current_key(settings: Settings) -> VapidKey:
    """The key to which browsers subscribe from now on."""
    return derive_key(settings.web.secret)


def key_by_id(settings: Settings, key_id: str) -> VapidKey | None:
    """The key to which a browser has subscribed, ``None`` if the settings have its secret no more."""
    keys = (derive_key(secret) for secret in settings.web.secrets)
    return next((key for key in keys if key.id == key_id), None)


def contact_of(settings: Settings) -> str:
    """Whom push services can ask about FMN's messages: the security contact, or else the web app."""
    candidates = (*settings.web.security_contact, settings.web.base_url)
    return next((each for each in candidates if each.startswith(("mailto:", "https://"))), "")
