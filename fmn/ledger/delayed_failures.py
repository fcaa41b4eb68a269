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
from fmn.ledger.models import Hold, Notification
from fmn.ledger.outbox import drop

#: Why something isn't sent, in words that its owner reads.
RECOVERED: Final = "recovered before it was sent"
NEVER_TOLD: Final = "the failure wasn't sent either"


class Held(NamedTuple):
    """A notification that something failed, for which ``key`` stands, is held until then."""

    notification_id: int
    key: str
    until: datetime


def hold(session: Session, failures: Iterable[Held]) -> Mapping[int, datetime]:
    """Note that these are held; returns until when, by the notification's id."""
    rows = [failure._asdict() for failure in failures]
    insert_new(session, Hold, rows)
    return {row["notification_id"]: row["until"] for row in rows}


def recover(
    session: Session, well: Mapping[int, str], now: datetime, among: Collection[int] | None = None,
) -> None:
    """Drop what is held of what is well, by its key and the id of the message that says so, oldest first.

    That message's own notifications too, for whom nothing was sent of a failure. Of the preferences ``among``
    these alone, if some are named.
    """
    if not well:
        return
    rows = session.execute(
        select(Hold.notification_id, Hold.key, Hold.until,
               Notification.preference_id, Notification.message_id)
        .join(Notification, Notification.id == Hold.notification_id)
        .where(Hold.key.in_(set(well.values())),
               true() if among is None else Notification.preference_id.in_(among))
        .order_by(Hold.notification_id)
        .with_for_update(of=Hold)).all()
    for message_id, key in well.items() if rows else ():
        over = [row for row in rows if row.key == key and row.message_id < message_id]
        rows = [row for row in rows if row not in over]
        if over:
            _end(session, message_id, over, now)


def _end(session: Session, message_id: int, over: Sequence[Any], now: datetime) -> None:
    held = [row.notification_id for row in over if row.until > now]
    dropped = drop(session, held, RECOVERED, now)
    told = {row.preference_id for row in over if row.notification_id not in dropped}
    never_told = {row.preference_id for row in over} - told
    drop(session, session.scalars(
        select(Notification.id)
        .where(Notification.message_id == message_id, Notification.preference_id.in_(never_told))).all(),
        NEVER_TOLD, now)
    session.execute(delete(Hold).where(Hold.notification_id.in_([row.notification_id for row in over])))
