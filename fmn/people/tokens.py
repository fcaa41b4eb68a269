"""API tokens: random, shown once, kept as a hash, with scopes, and an end."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fmn.people.models import ApiToken, User

#: Tells people, and programs that look for leaked secrets, what it is.
PREFIX: Final = "fmn_"
#: Random bytes in a token.
STRENGTH: Final = 32


@dataclass(frozen=True)
class TokenOwner:
    """Whom a token stands for, and what it may do."""

    token_id: int
    user_id: int
    nick: str
    scopes: frozenset[str]


def create_token(
    session: Session, user_id: int, name: str, scopes: Collection[str], expires_at: datetime | None,
) -> tuple[ApiToken, str]:
    """Make a token; returns its row and the token itself, which can't be found out later."""
    token = PREFIX + secrets.token_urlsafe(STRENGTH)
    row = ApiToken(
        user_id=user_id, name=name, digest=_digest(token), scopes=sorted(scopes), expires_at=expires_at)
    session.add(row)
    session.flush()
    return row, token


def find_token(session: Session, token: str, now: datetime) -> TokenOwner | None:
    """Whom the token stands for, ``None`` if there's no such token or it has expired."""
    row = session.execute(
        select(ApiToken, User.nick).join(User, User.id == ApiToken.user_id)
        .where(ApiToken.digest == _digest(token),
               or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now))).one_or_none()
    if row is None:
        return None
    found, nick = row
    return TokenOwner(found.id, found.user_id, nick, frozenset(found.scopes))


def _digest(token: str) -> str:
    # Without salt and slowness: it's no password, nobody guesses 256 random bits.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
