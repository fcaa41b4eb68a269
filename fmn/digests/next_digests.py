"""What waits in the ledger for each preference's next digest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, false, func, select
from sqlalchemy.orm import Session, aliased

from fmn.catalog import catalog
from fmn.digests.due_times import Waiting
from fmn.ledger.models import Digest, Hold, Notification, StoredMessage
from fmn.people.models import Preference, User
from fmn.people.schedule import rhythm_of
from fmn.settings import FloodSettings


def waiting_for(
    session: Session, preference_ids: Iterable[int], now: datetime, floods: FloodSettings,
) -> list[Waiting]:
    """What waits for these preferences; those for which nothing does are left out."""
    return _waiting(session, now, floods, Preference.id.in_(preference_ids))


def all_waiting(session: Session, now: datetime, floods: FloodSettings) -> list[Waiting]:
    """What waits for anyone."""
    return _waiting(session, now, floods)


def waits(now: datetime) -> ColumnElement[bool]:
    """Whether a notification waits for a digest. One that is held in case it recovers doesn't do so yet."""
    held = exists().where(Hold.notification_id == Notification.id, Hold.until > now)
    return and_(Notification.batched, Notification.digest_id.is_(None), ~held)


def _waiting(
    session: Session, now: datetime, floods: FloodSettings, *conditions: ColumnElement[bool],
) -> list[Waiting]:
    unflooded = func.sum(case((Notification.flooded, 0), else_=1))
    rows = session.execute(
        select(Preference, User.time_zone, func.count(Notification.id), func.min(Notification.created_at),
               _severe(), _closed_at(), unflooded)
        .join(User, User.id == Preference.user_id)
        .join(Notification, Notification.preference_id == Preference.id)
        .where(waits(now), *conditions)
        .group_by(Preference.id, User.id))
    pace = timedelta(minutes=floods.digest_minutes)
    return [
        Waiting(preference.id, preference.enabled, rhythm := rhythm_of(preference, time_zone), count,
                first_at, severe, closed_at, None if others or rhythm.collects else pace)
        for preference, time_zone, count, first_at, severe, closed_at, others in rows
    ]


def _severe() -> ColumnElement[bool]:
    """Whether something severe waits, where that makes a difference."""
    one = aliased(Notification)
    found = exists().where(
        one.preference_id == Preference.id, one.batched, one.digest_id.is_(None),
        StoredMessage.id == one.message_id, StoredMessage.event.in_(catalog().severe_events))
    matters = and_(Preference.quiet_from.is_not(None), Preference.quiet_lets_severe)
    return case((matters, found), else_=false())


def _closed_at() -> ScalarSelect[datetime]:
    """When the last digest was closed; the last is the one with the newest notifications, by the index."""
    return (
        select(Digest.created_at).where(Digest.preference_id == Preference.id)
        .order_by(Digest.first_notification_id.desc()).limit(1)
        .correlate(Preference).scalar_subquery())
