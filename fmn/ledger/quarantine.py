"""Quarantine of poison messages: messages that end the process which matches them.

A process that dies takes along the transaction that could record it. So a try is recorded before it begins,
and again when it ends. That costs two more transactions for each message, so only messages whose task ended
badly are tried like this, see :func:`fmn.infra.broker.previous_attempt_died`. A message whose tries don't end
a few times is quarantined.

A try that is interrupted because it took too long isn't a death: its process is there to record it. Such a
message is tried alone, without a limit, with growing pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from fmn.ledger.messages import BATCHABLE, enqueue_unmatched
from fmn.ledger.models import StoredMessage

#: Tries without an end after which a message is quarantined: those who killed the process may have done so
#: for other reasons, and once or twice that's by chance.
MAX_TRIES: Final = 3

#: The longest pause before a message is tried again that took too long.
LONGEST_PAUSE: Final = timedelta(hours=6)
#: Pauses double so often at most; it bounds the number, not the pause.
_MOST_DOUBLINGS: Final = 15
#: Clocks of two hosts that both follow the database's part by less.
_CLOCKS_PART: Final = timedelta(seconds=1)

_UNMATCHED: Final[ColumnElement[bool]] = StoredMessage.matched_at.is_(None)
IS_QUARANTINED: Final[ColumnElement[bool]] = _UNMATCHED & (StoredMessage.tries >= MAX_TRIES)


class MatchingState(StrEnum):
    """Whether a message was matched. A quarantined one isn't, and nobody tries to."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    QUARANTINED = "quarantined"


def matching_state(stored: StoredMessage) -> MatchingState:
    """The state of a message."""
    if stored.matched_at is not None:
        return MatchingState.MATCHED
    return MatchingState.QUARANTINED if stored.tries >= MAX_TRIES else MatchingState.UNMATCHED


def begin_try(session: Session, message_id: int, now: datetime) -> bool:
    """Record that a message is about to be tried alone; returns whether it may be. Commit before the try."""
    is_due = or_(StoredMessage.enqueued_at.is_(None), StoredMessage.enqueued_at <= now + _CLOCKS_PART)
    return session.scalar(
        update(StoredMessage)
        .where(StoredMessage.id == message_id, _UNMATCHED, StoredMessage.tries < MAX_TRIES, is_due)
        .values(tries=StoredMessage.tries + 1)
        .returning(StoredMessage.id)) is not None


def end_try(session: Session, message_id: int) -> None:
    """Record that the process survived a try, whether or not the message is matched."""
    session.execute(
        update(StoredMessage).where(StoredMessage.id == message_id, _UNMATCHED)
        .values(tries=0, interruptions=0))


def interrupt_try(session: Session, message_id: int, now: datetime, seconds: float) -> None:
    """Record a try interrupted after some seconds; the next one waits at least as long."""
    found = session.scalars(
        select(StoredMessage).where(StoredMessage.id == message_id, _UNMATCHED)
        .with_for_update()).one_or_none()
    if found is None:
        return
    pause = timedelta(seconds=seconds) * 2 ** min(found.interruptions, _MOST_DOUBLINGS)
    found.tries = 0
    found.interruptions = min(found.interruptions + 1, _MOST_DOUBLINGS)
    found.enqueued_at = now + min(pause, LONGEST_PAUSE)


def enqueue_isolated(session: Session, now: datetime, grace: timedelta, limit: int) -> list[int]:
    """Like :func:`~fmn.ledger.messages.enqueue_unmatched`, for messages that are tried alone."""
    return enqueue_unmatched(
        session, now, grace, limit, which=~BATCHABLE & (StoredMessage.tries < MAX_TRIES))


def quarantined(session: Session) -> Sequence[StoredMessage]:
    """Quarantined messages, oldest first."""
    return session.scalars(select(StoredMessage).where(IS_QUARANTINED).order_by(StoredMessage.id)).all()


def requeue(session: Session) -> int:
    """Requeue quarantined messages; returns how many there were."""
    return len(session.scalars(
        update(StoredMessage).where(IS_QUARANTINED).values(tries=0, enqueued_at=None)
        .returning(StoredMessage.id)).all())
