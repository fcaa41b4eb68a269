"""Identity of a request: a signed-in person, or a program with a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fmn.people.api_tokens import TokenOwner


class Permission(StrEnum):
    """Permissions of views. Pages require people, the API a token with the scope of that name."""

    SIGNED_IN = "signed in"
    ADMINISTER = "administer"
    READ = "read"
    WRITE = "write"
    PUBLISH = "publish"


#: What a token can be for; whatever else its scopes say is nothing that a program may do.
SCOPES: Final = frozenset({Permission.READ, Permission.WRITE, Permission.PUBLISH})


@dataclass(frozen=True)
class Identity:
    """An account that makes a request, by its ``token`` or its session.

    A session's has what every page shows of its owner: ``time_zone``, whether they chose that, and until when
    all their notifications are paused, or were. ``language`` is the one that they have chosen for pages,
    ``""`` for the browser's.
    """

    user_id: int
    nick: str
    is_administrator: bool = False
    token: TokenOwner | None = None
    session_id: int | None = None
    time_zone: str = "UTC"
    time_zone_chosen: bool = True
    paused_until: datetime | None = None
    language: str = ""

    def has_permission(self, permission: str) -> bool:
        """Whether the identity has a permission. :mod:`webapp.owned` limits it to its own rows."""
        if self.token is not None:
            # An event reaches everybody. Whoever isn't an administrator any more can't publish any more.
            return permission in self.token.scopes & SCOPES and (
                permission != Permission.PUBLISH or self.is_administrator)
        return permission == Permission.SIGNED_IN or (
            permission == Permission.ADMINISTER and self.is_administrator)
