"""Signatures after the Standard Webhooks scheme, and the secrets for them.

The scheme is at https://www.standardwebhooks.com.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

#: What such secrets begin with, so that people and scanners know one when they see it.
_PREFIX: Final = "whsec_"
#: Keeps these secrets apart from all else that is made of the web app's.
_SALT: Final = "fmn.webhook"


def webhook_secret(web_secret: str, preference_id: int, address: str) -> str:
    """The secret with which an address's owner verifies requests. Nobody else may see it.

    It's made of the web app's secret, so it's kept nowhere; see docs/decisions/0025.
    """
    what = f"{_SALT}\0{preference_id}\0{address}"
    return _PREFIX + base64.b64encode(hmac.digest(web_secret.encode(), what.encode(), "sha256")).decode()


def signature_headers(secrets: Sequence[str], key: str, body: bytes, now: int) -> Mapping[str, str]:
    """The headers that say who sent this, which delivery it is by its ``key``, and when (seconds since 1970).

    The same delivery has the same id whenever it's sent. There's a signature for each of the ``secrets``, and
    whoever knows one of them verifies it: so they may change.
    """
    message_id = f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    content = f"{message_id}.{now}.".encode() + body
    return {
        "webhook-id": message_id, "webhook-timestamp": str(now),
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, content, 'sha256')).decode()}"
