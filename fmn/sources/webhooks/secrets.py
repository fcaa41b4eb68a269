"""Secrets of webhooks, derived from the web app's secret like those of outgoing webhooks.

None is stored, so a copy of the database lets nobody send messages; see docs/decisions/0025 and 0059.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final

from fmn.infra.public_ids import PublicId

#: What Standard Webhooks' secrets begin with. GitLab takes no others for its signatures.
PREFIX: Final = "whsec_"
#: Keeps these secrets apart from all else that is made of the web app's.
_SALT: Final = "fmn.hook"


def hook_secret(web_secret: str, hook: PublicId, generation: int) -> str:
    """The secret of a webhook. ``hook`` has a nonce, so a webhook of the same name later has another one."""
    what = f"{_SALT}\0{hook}\0{generation}"
    return PREFIX + base64.b64encode(hmac.digest(web_secret.encode(), what.encode(), "sha256")).decode()


def signing_key(secret: str) -> bytes:
    """The key of Standard Webhooks' signatures: the secret's random part, decoded."""
    return base64.b64decode(secret.removeprefix(PREFIX))
