"""Messages that a process may have died of: each is tried alone, a few times, and then quarantined.

Whoever dies takes the transaction along in which that could be noted. So it's noted beforehand that a try
begins, and afterwards that it came to an end. That costs two more transactions for each message, so only
those are tried like this whose task ended badly, see :func:`fmn.infra.broker.previous_attempt_died`.

A try that is interrupted, because it took too long, isn't a death: its process is there to note it. Such a
message is tried alone as well, but for ever, with pauses that grow, so that it holds up little else.
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

#: Tries without an end after which a message is set aside: those who killed the process may have done so for
#: other reasons, and once or twice that's by chance.
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
    """Note that a message is about to be tried alone; returns whether it may be. Commit before you do."""
    is_due = or_(StoredMessage.enqueued_at.is_(None), StoredMessage.enqueued_at <= now + _CLOCKS_PART)
    return session.scalar(
        update(StoredMessage)
        .where(StoredMessage.id == message_id, _UNMATCHED, StoredMessage.tries < MAX_TRIES, is_due)
        .values(tries=StoredMessage.tries + 1)
        .returning(StoredMessage.id)) is not None


def end_try(session: Session, message_id: int) -> None:
    """Note that whoever tried it is alive. Whether it's matched by now is another matter."""
    session.execute(
        update(StoredMessage).where(StoredMessage.id == message_id, _UNMATCHED)
        .values(tries=0, interruptions=0))


def interrupt_try(session: Session, message_id: int, now: datetime, seconds: float) -> None:
    """Note that a try was interrupted after so many seconds; the next one has to wait at least as long."""
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
    """The same as :func:`~fmn.ledger.messages.enqueue_unmatched` for those whose last try had no end."""
    return enqueue_unmatched(
        session, now, grace, limit, which=~BATCHABLE & (StoredMessage.tries < MAX_TRIES))


def quarantined(session: Session) -> Sequence[StoredMessage]:
    """What nobody tries any more, oldest first."""
    return session.scalars(select(StoredMessage).where(IS_QUARANTINED).order_by(StoredMessage.id)).all()


def requeue(session: Session) -> int:
    """Let what is set aside be tried again; returns how many messages that were."""
    return len(session.scalars(
        update(StoredMessage).where(IS_QUARANTINED).values(tries=0, enqueued_at=None)
        .returning(StoredMessage.id)).all())
