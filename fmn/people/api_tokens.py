"""API tokens: random, shown once, stored as a hash, with scopes and an expiry."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.people.models import ApiToken, User
from fmn.translations import gettext

#: Tells people, and programs that look for leaked secrets, what it is.
API_PREFIX: Final = "fmn_"
#: The scope of tokens that publish events.
PUBLISH: Final = "publish"
#: Random bytes in a token.
TOKEN_BYTES: Final = 32
#: Tokens that a user has, at most, those that have expired among them.
MAX_TOKENS: Final = 50
#: How exactly it's known when a token was last used. Each use would be a write otherwise.
LAST_USED_PRECISION: Final = timedelta(hours=1)


@dataclass(frozen=True)
class TokenOwner:
    """The user of a token, its scopes and its name; ``succeeds`` is the user's."""

    token_id: int
    user_id: int
    nick: str
    scopes: frozenset[str]
    last_used_at: datetime | None = None
    name: str = ""
    succeeds: bool = False


def create_token(
    session: Session, user_id: int, name: str, scopes: Collection[str], expires_at: datetime | None,
) -> tuple[ApiToken, str]:
    """Create a token. Returns its row and the token itself, which isn't stored.

    Raises :class:`~fmn.errors.UserError` for a name that another token has, so that a form sent twice creates
    one, and for too many tokens.
    """
    # Two requests at once mustn't both find the name free.
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    names = session.scalars(select(ApiToken.name).where(ApiToken.user_id == user_id)).all()
    if name in names:
        raise UserError(
            gettext(
                "You have a token called “{name}” already: choose another name, or revoke that one.",
            ).format(name=name), "name")
    if PUBLISH in scopes and name in _publishers(session):
        raise UserError(
            gettext(
                "Another administrator has a token called “{name}” that publishes: events are known by that "
                "name, so choose another one.").format(name=name), "name")
    if len(names) >= MAX_TOKENS:
        raise UserError(
            gettext("You have {number} tokens, which is the most: revoke one that isn’t used.").format(
                number=MAX_TOKENS), "name")
    token = API_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = ApiToken(
        user_id=user_id, name=name, digest=_digest(token), scopes=sorted(scopes), expires_at=expires_at)
    session.add(row)
    session.flush()
    return row, token


def _publishers(session: Session) -> set[str]:
    """Names of all tokens that publish events."""
    tokens = session.execute(select(ApiToken.name, ApiToken.scopes))
    return {name for name, scopes in tokens if PUBLISH in scopes}


def tokens_of(session: Session, user_id: int) -> Sequence[ApiToken]:
    """A user's tokens, the latest first."""
    return session.scalars(
        select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())).all()


def revoke_token(session: Session, user_id: int, token_id: int) -> str | None:
    """Delete a token of a user. Returns its name, ``None`` if there's no such token."""
    return session.scalar(
        delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id)
        .returning(ApiToken.name))


def find_token(session: Session, token: str, now: datetime) -> TokenOwner | None:
    """The owner of a token, ``None`` if it's unknown or has expired."""
    row = session.execute(
        select(ApiToken, User.nick, User.succeeds).join(User, User.id == ApiToken.user_id)
        .where(ApiToken.digest == _digest(token), _holds(now))).one_or_none()
    if row is None:
        return None
    found, nick, succeeds = row
    return TokenOwner(
        found.id, found.user_id, nick, frozenset(found.scopes), found.last_used_at, found.name, succeeds)


def valid_token_ids(session: Session, token_ids: Collection[int], now: datetime) -> frozenset[int]:
    """Those of the tokens that exist and haven't expired."""
    return frozenset(session.scalars(select(ApiToken.id).where(ApiToken.id.in_(token_ids), _holds(now))))


def _holds(now: datetime) -> ColumnElement[bool]:
    return or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)


def is_use_due(owner: TokenOwner, now: datetime) -> bool:
    """Whether the last recorded use is old enough to record this one."""
    return owner.last_used_at is None or now - owner.last_used_at >= LAST_USED_PRECISION


def update_last_used(session: Session, token_id: int, now: datetime) -> None:
    """Record that a token is used now."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


def _digest(token: str) -> str:
    # Without salt and slowness: it's no password, nobody guesses 256 random bits.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
