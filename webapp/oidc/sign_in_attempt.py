"""One sign-in, from the moment when it begins."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

#: Random bytes of a state and a nonce, and of a verifier, which has to have 43 characters at least.
TOKEN_BYTES: Final = 16
VERIFIER_BYTES: Final = 32


@dataclass(frozen=True)
class SignInAttempt:
    """What tells one sign-in from others: to us, in the ID token, and to whoever redeems the code."""

    state: str
    nonce: str
    verifier: str
    #: Where its person wanted to go.
    to: str = ""

    @classmethod
    def new(cls, to: str = "") -> SignInAttempt:
        """One that nobody can guess."""
        return cls(
            secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES),
            secrets.token_urlsafe(VERIFIER_BYTES), to)
