"""Revocation of API tokens and sessions, of one person or of everybody, with an audit entry."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.errors import OperatorError
from fmn.people.browser_sessions import end_all_sessions
from fmn.people.models import ApiToken, User
from fmn.translations import mark


def revoke_tokens(session: Session, actor: str, nick: str | None) -> int:
    """Delete all API tokens of a person, or of everybody if ``nick`` is ``None``; returns their number.

    Raises :class:`~fmn.errors.OperatorError` if nobody is called that.
    """
    whose = [] if nick is None else [ApiToken.user_id == _user_id(session, nick)]
    count = len(session.scalars(delete(ApiToken).where(*whose).returning(ApiToken.id)).all())
    log_action(session, actor, mark("revoked API tokens"), nick or "", count=count)
    return count


def end_sessions(session: Session, actor: str, nick: str | None) -> int:
    """End all sessions of a person, or of everybody if ``nick`` is ``None``; returns the number of people.

    Raises :class:`~fmn.errors.OperatorError` if nobody is called that.
    """
    whose = [] if nick is None else [User.id == _user_id(session, nick)]
    ended = session.scalars(
        update(User).where(*whose).values(session_version=User.session_version + 1).returning(User.id)
        .execution_options(synchronize_session=False)).all()
    end_all_sessions(session, None if nick is None else ended)
    log_action(session, actor, mark("ended sessions"), nick or "", count=len(ended))
    return len(ended)


def _user_id(session: Session, nick: str) -> int:
    found = session.scalar(select(User.id).where(User.nick == nick))
    if found is None:
        raise OperatorError(f"there is no user {nick}")
    return found
