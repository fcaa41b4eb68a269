"""Holding failures: their owner hears of them only if what failed doesn't recover soon.

A filter may give failures some minutes. What recovers in that time is kept from its owner, and so is that it
did, for they never heard that it had failed. Both are in the inbox. What recovers later was told of before,
so that's told as well: a hold stays in the table until what failed is well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, select, true
from sqlalchemy.orm import Session

from fmn.infra.db import insert_new
from fmn.ledger.models import DelayedFailure, Notification
from fmn.ledger.outbox import drop_notifications

#: Why something isn't sent, in words that its owner reads.
RECOVERED: Final = "recovered before it was sent"
FAILURE_NOT_SENT: Final = "the failure wasn't sent either"


class FailureToDelay(NamedTuple):
    """A notification that something failed, for which ``key`` stands, is held until then."""

    notification_id: int
    key: str
    until: datetime


def delay_failures(session: Session, failures: Iterable[FailureToDelay]) -> Mapping[int, datetime]:
    """Note that these are held; returns until when, by the notification's id."""
    rows = [failure._asdict() for failure in failures]
    insert_new(session, DelayedFailure, rows)
    return {row["notification_id"]: row["until"] for row in rows}


def drop_recovered(
    session: Session, recovered: Mapping[int, str], now: datetime, among: Collection[int] | None = None,
) -> None:
    """Drop what is held of what is well, by its key and the id of the message that says so, oldest first.

    That message's own notifications too, for whom nothing was sent of a failure. Of the preferences ``among``
    these alone, if some are named.
    """
    if not recovered:
        return
    rows = session.execute(
        select(DelayedFailure.notification_id, DelayedFailure.key, DelayedFailure.until,
               Notification.preference_id, Notification.message_id)
        .join(Notification, Notification.id == DelayedFailure.notification_id)
        .where(DelayedFailure.key.in_(set(recovered.values())),
               true() if among is None else Notification.preference_id.in_(among))
        .order_by(DelayedFailure.notification_id)
        .with_for_update(of=DelayedFailure)).all()
    for message_id, key in recovered.items() if rows else ():
        over = [row for row in rows if row.key == key and row.message_id < message_id]
        rows = [row for row in rows if row not in over]
        if over:
            _end(session, message_id, over, now)


def _end(session: Session, message_id: int, over: Sequence[Any], now: datetime) -> None:
    delayed = [row.notification_id for row in over if row.until > now]
    dropped = drop_notifications(session, delayed, RECOVERED, now)
    notified = {row.preference_id for row in over if row.notification_id not in dropped}
    not_notified = {row.preference_id for row in over} - notified
    drop_notifications(session, session.scalars(
        select(Notification.id)
        .where(Notification.message_id == message_id, Notification.preference_id.in_(not_notified))).all(),
        FAILURE_NOT_SENT, now)
    session.execute(delete(
        DelayedFailure).where(DelayedFailure.notification_id.in_([row.notification_id for row in over])))
