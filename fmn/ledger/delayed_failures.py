"""Delayed failures in the ledger: notifications that wait, in case what failed recovers.

:class:`~fmn.matching.pipeline.DelayStage` decides on a delay, and :mod:`fmn.matching.recovery` ends it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, true
from sqlalchemy.orm import Session

from fmn.infra.db import insert_new
from fmn.ledger.models import DelayedFailure, Notification


class FailureToDelay(NamedTuple):
    """A failure's notification that waits until then; ``key`` identifies the subject that failed."""

    notification_id: int
    key: str
    until: datetime


class DelayedRow(NamedTuple):
    """A delayed failure and its notification."""

    notification_id: int
    key: str
    until: datetime
    preference_id: int
    message_id: int


def delay_failures(session: Session, failures: Iterable[FailureToDelay]) -> None:
    """Insert delays that aren't there yet."""
    insert_new(session, DelayedFailure, [failure._asdict() for failure in failures])


def lock_delayed_failures(
    session: Session, keys: Collection[str], among: Collection[int] | None = None,
) -> Sequence[DelayedRow]:
    """Lock the delayed failures of these subjects until the commit.

    ``among`` limits this to the preferences with these ids.
    """
    return [DelayedRow(*row) for row in session.execute(
        select(DelayedFailure.notification_id, DelayedFailure.key, DelayedFailure.until,
               Notification.preference_id, Notification.message_id)
        .join(Notification, Notification.id == DelayedFailure.notification_id)
        .where(DelayedFailure.key.in_(keys),
               true() if among is None else Notification.preference_id.in_(among))
        .order_by(DelayedFailure.notification_id)
        .with_for_update(of=DelayedFailure))]


def end_delays(session: Session, notification_ids: Collection[int]) -> None:
    """Delete these notifications' delays."""
    session.execute(delete(DelayedFailure).where(DelayedFailure.notification_id.in_(notification_ids)))
