"""Verification of deliveries over the raw bytes of the body, in constant time.

For each secret the same is computed whatever forge the webhook is for, so that the time an answer takes tells
a stranger neither whether a name exists nor for which forge.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fmn.sources.webhooks.secrets import signing_key

#: How far a signed time may be off, as Standard Webhooks recommends.
TIMESTAMP_TOLERANCE: Final = timedelta(minutes=5)
#: Digits of seconds since 1970 that are read.
_MOST_DIGITS: Final = 12
#: Signatures in one header. A sender has one for each of its secrets.
_MOST_SIGNATURES: Final = 5

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

#: Headers of a request by their names in lower case.
Headers = Mapping[str, str]


@dataclass(frozen=True)
class Proof:
    """What a request has to show for one secret.

    ``digest`` is the HMAC-SHA256 of the body in hexadecimal, ``standard`` the one of Standard Webhooks over
    id, time and body, and ``token`` the secret itself.
    """

    digest: str
    standard: str
    token: str

    @classmethod
    def of(cls, headers: Headers, body: bytes, secret: str) -> Proof:
        """Compute the proof for a request."""
        standard = ""
        if SIGNATURE_HEADER in headers:
            signed = f"{headers.get(ID_HEADER, '')}.{headers.get(TIMESTAMP_HEADER, '')}."
            content = signed.encode("utf-8", "replace") + body
            standard = base64.b64encode(hmac.digest(signing_key(secret), content, "sha256")).decode()
        return cls(hmac.digest(secret.encode(), body, "sha256").hex(), f"v1,{standard}", secret)


def shows_digest(headers: Headers, proof: Proof, *names: str) -> bool:
    """Whether the first of these headers has the digest, bare or after ``sha256=``.

    If that one is wrong, the others don't count.
    """
    shown = next((headers[name] for name in names if name in headers), "")
    return _equal(shown.removeprefix("sha256="), proof.digest)


def shows_token(headers: Headers, proof: Proof, name: str) -> bool:
    """Whether the header has the secret itself."""
    return _equal(headers.get(name, ""), proof.token)


def shows_standard_signature(headers: Headers, proof: Proof) -> bool:
    """Whether one of the signatures is Standard Webhooks' for this id, time and body."""
    shown = headers.get(SIGNATURE_HEADER, "").split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
    found = [_equal(each, proof.standard) for each in shown]  # all of them, whichever is right
    return any(found)


def signed_time(headers: Headers) -> datetime | None:
    """The time that a Standard Webhooks signature covers; ``None`` for what is no time."""
    text = headers.get(TIMESTAMP_HEADER, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _equal(shown: str, expected: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "replace"), expected.encode())
