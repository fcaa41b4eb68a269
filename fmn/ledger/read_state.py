"""Read state of notifications in the inbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, CursorResult, func, select, update
from sqlalchemy.orm import Session

from fmn.ledger.inbox_filter import is_unread
from fmn.ledger.models import Notification
from fmn.people.models import Preference

#: More than so many aren't told apart, and not counted: every page says how many there are.
MAX_COUNTED: Final = 99


def unread_count(session: Session, user_id: int, now: datetime) -> int:
    """Number of a user's unread notifications; counts no further than :data:`MAX_COUNTED`.

    What is done is read, and what is snoozed doesn't count until it's back.
    """
    # Each preference apart, so that an index leads to the few that are counted, whatever is in the inbox.
    some = (
        select(Notification.id)
        .where(Notification.preference_id == Preference.id, is_unread(now))
        .limit(MAX_COUNTED + 1).correlate(Preference).subquery())
    of_one = select(func.count()).select_from(some).scalar_subquery()
    # PostgreSQL's sum of integers isn't one.
    return int(session.scalar(select(func.sum(of_one)).where(Preference.user_id == user_id)) or 0)


def mark_read(session: Session, user_id: int, notification_ids: Collection[int], now: datetime) -> None:
    """Mark those of the notifications as read that are the user's; those read before keep their time.

    Snoozed ones come back unread all the same.
    """
    _mark(session, user_id, Notification.id.in_(notification_ids), now)


def mark_all_read(session: Session, user_id: int, newest_id: int, now: datetime) -> int:
    """Mark all notifications up to one as read; returns how many were unread."""
    return _mark(session, user_id, Notification.id <= newest_id, now)


def _mark(session: Session, user_id: int, which: ColumnElement[bool], now: datetime) -> int:
    own = select(Preference.id).where(Preference.user_id == user_id)
    result = session.execute(
        update(Notification)
        .where(Notification.preference_id.in_(own), which, is_unread(now))
        .values(read_at=now)
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
