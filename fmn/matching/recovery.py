"""Recoveries: drops delayed failures whose subject has recovered.

A filter may give failures some minutes to recover. If the subject recovers in that time, the user gets
neither the failure nor the recovery; both are in the inbox. A recovery after that time is sent, since the
failure was sent before it. So a delay stays in the table until its subject recovers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from fmn.ledger.delayed_failures import DelayedRow, end_delays, lock_delayed_failures
from fmn.ledger.notifications import notifications_of
from fmn.ledger.outbox import drop_notifications
from fmn.ledger.reasons import Reason


def drop_recovered(
    session: Session, recovered: Mapping[int, str], now: datetime, among: Collection[int] | None = None,
) -> None:
    """Drop delayed failures whose subject recovered, and the recovery where no failure was sent.

    ``recovered`` has the subjects' keys by the id of the message that reports the recovery, oldest first.
    ``among`` limits this to the preferences with these ids.
    """
    rows = lock_delayed_failures(session, set(recovered.values()), among) if recovered else ()
    for message_id, key in recovered.items() if rows else ():
        over = [row for row in rows if row.key == key and row.message_id < message_id]
        rows = [row for row in rows if row not in over]
        if over:
            _drop(session, message_id, over, now)


def _drop(session: Session, message_id: int, over: Sequence[DelayedRow], now: datetime) -> None:
    delayed = [row.notification_id for row in over if row.until > now]
    dropped = drop_notifications(session, delayed, Reason.RECOVERED, now)
    notified = {row.preference_id for row in over if row.notification_id not in dropped}
    not_notified = {row.preference_id for row in over} - notified
    drop_notifications(
        session, notifications_of(session, message_id, not_notified), Reason.FAILURE_NOT_SENT, now)
    end_delays(session, [row.notification_id for row in over])
