"""Messages that a process may have died of: each is tried alone, a few times, and then set aside.

Whoever dies takes the transaction along in which that could be noted. So it's noted beforehand that a try
begins, and afterwards that it came to an end. That costs two more transactions for each message, so only
those are tried like this whose task ended badly, see :func:`fmn.broker.ended_badly`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from fmn.ledger.messages import hint_unmatched
from fmn.ledger.models import StoredMessage

#: Tries without an end after which a message is set aside: those who killed the process may have done so for
#: other reasons, and once or twice that's by chance.
MOST_TRIES: Final = 3

_UNMATCHED: Final[ColumnElement[bool]] = StoredMessage.matched_at.is_(None)
IS_SET_ASIDE: Final[ColumnElement[bool]] = _UNMATCHED & (StoredMessage.tries >= MOST_TRIES)


def begin_try(session: Session, message_id: int) -> bool:
    """Note that a message is about to be tried alone; returns whether it may be. Commit before you do."""
    return session.scalar(
        update(StoredMessage)
        .where(StoredMessage.id == message_id, _UNMATCHED, StoredMessage.tries < MOST_TRIES)
        .values(tries=StoredMessage.tries + 1)
        .returning(StoredMessage.id)) is not None


def end_try(session: Session, message_id: int) -> None:
    """Note that whoever tried it is alive. Whether it's matched by now is another matter."""
    session.execute(
        update(StoredMessage).where(StoredMessage.id == message_id, _UNMATCHED).values(tries=0))


def hint_suspects(session: Session, now: datetime, grace: timedelta, limit: int) -> list[int]:
    """The same as :func:`~fmn.ledger.messages.hint_unmatched` for those whose last try had no end."""
    return hint_unmatched(
        session, now, grace, limit, which=(StoredMessage.tries > 0) & (StoredMessage.tries < MOST_TRIES))


def set_aside(session: Session) -> Sequence[StoredMessage]:
    """What nobody tries any more, oldest first."""
    return session.scalars(select(StoredMessage).where(IS_SET_ASIDE).order_by(StoredMessage.id)).all()


def try_again(session: Session) -> int:
    """Let what is set aside be tried again; returns how many messages that were."""
    return len(session.scalars(
        update(StoredMessage).where(IS_SET_ASIDE).values(tries=0, hinted_at=None)
        .returning(StoredMessage.id)).all())
