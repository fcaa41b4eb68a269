"""Who asks: a person who signed in, or a program with a token of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fmn.people.api_tokens import TokenOwner


class Permission(StrEnum):
    """What a view may ask for. Pages ask people, the API asks tokens for a scope of that name."""

    SIGNED_IN = "signed in"
    ADMINISTER = "administer"
    READ = "read"
    WRITE = "write"


#: What a token can be for; whatever else its scopes say is nothing that a program may do.
SCOPES: Final = frozenset({Permission.READ, Permission.WRITE})


@dataclass(frozen=True)
class Identity:
    """Somebody with an account; a program shows their ``token``, a person who signed in has a session."""

    user_id: int
    nick: str
    is_administrator: bool = False
    token: TokenOwner | None = None
    session_id: int | None = None

    def has_permission(self, permission: str) -> bool:
        """Whether this identity has a permission. :mod:`webapp.owned` limits it to their own rows."""
        if self.token is not None:
            return permission in self.token.scopes & SCOPES
        return permission == Permission.SIGNED_IN or (
            permission == Permission.ADMINISTER and self.is_administrator)
