"""One sign-in, from the moment when it begins."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

#: Random bytes of a state and a nonce, and of a verifier, which has to have 43 characters at least.
STRENGTH: Final = 16
VERIFIER_STRENGTH: Final = 32


@dataclass(frozen=True)
class Attempt:
    """What tells one sign-in from others: to us, in the ID token, and to whoever redeems the code."""

    state: str
    nonce: str
    verifier: str
    #: Where its person wanted to go.
    to: str = ""

    @classmethod
    def new(cls, to: str = "") -> Attempt:
        """One that nobody can guess."""
        return cls(
            secrets.token_urlsafe(STRENGTH), secrets.token_urlsafe(STRENGTH),
            secrets.token_urlsafe(VERIFIER_STRENGTH), to)
