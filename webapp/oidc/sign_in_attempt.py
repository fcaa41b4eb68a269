"""Sign-in attempt: state, nonce and PKCE verifier."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

#: Random bytes of a state and a nonce, and of a verifier, which has to have 43 characters at least.
TOKEN_BYTES: Final = 16
VERIFIER_BYTES: Final = 32


@dataclass(frozen=True)
class SignInAttempt:
    """Secrets of a sign-in: ``state`` for the callback, ``nonce`` for the ID token, ``verifier`` for PKCE."""

    state: str
    nonce: str
    verifier: str
    #: Where its person wanted to go.
    to: str = ""

    @classmethod
    def new(cls, to: str = "") -> SignInAttempt:
        """An attempt with new random secrets."""
        return cls(
            secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES),
            secrets.token_urlsafe(VERIFIER_BYTES), to)
