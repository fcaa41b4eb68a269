"""Which notifications their owner has seen in the inbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, CursorResult, func, select, update
from sqlalchemy.orm import Session

from fmn.ledger.models import Notification
from fmn.people.models import Preference

#: More than so many aren't told apart, and not counted: every page says how many there are.
MAX_COUNTED: Final = 99


def unread_count(session: Session, user_id: int) -> int:
    """How many notifications somebody hasn't read; more than :data:`MAX_COUNTED` is just more."""
    # Each preference apart, so that an index leads to the few that are counted, whatever is in the inbox.
    some = (
        select(Notification.id)
        .where(Notification.preference_id == Preference.id, Notification.read_at.is_(None))
        .limit(MAX_COUNTED + 1).correlate(Preference).subquery())
    of_one = select(func.count()).select_from(some).scalar_subquery()
    # PostgreSQL's sum of integers isn't one.
    return int(session.scalar(select(func.sum(of_one)).where(Preference.user_id == user_id)) or 0)


def mark_read(session: Session, user_id: int, notification_ids: Collection[int], now: datetime) -> None:
    """Note that somebody has seen notifications, those that are theirs. What was read before stays so."""
    _mark(session, user_id, Notification.id.in_(notification_ids), now)


def mark_all_read(session: Session, user_id: int, newest_id: int, now: datetime) -> int:
    """Note that somebody has seen everything up to a notification; returns how many they hadn't."""
    return _mark(session, user_id, Notification.id <= newest_id, now)


def _mark(session: Session, user_id: int, which: ColumnElement[bool], now: datetime) -> int:
    own = select(Preference.id).where(Preference.user_id == user_id)
    result = session.execute(
        update(Notification)
        .where(Notification.preference_id.in_(own), which, Notification.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
