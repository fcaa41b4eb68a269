"""Queries for the pending digest of each preference."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from fmn.catalog import catalog
from fmn.digests.due_times import NextDigest
from fmn.ledger.models import DelayedFailure, Digest, Notification, StoredMessage
from fmn.people.models import Preference, User
from fmn.people.schedule import schedule_of
from fmn.settings import FloodSettings


def next_digests_for(
    session: Session, preference_ids: Iterable[int], now: datetime, throttling: FloodSettings,
) -> list[NextDigest]:
    """The pending digests of these preferences; those without pending notifications are left out."""
    return _waiting(session, now, throttling, Preference.id.in_(preference_ids))


def all_next_digests(session: Session, now: datetime, throttling: FloodSettings) -> list[NextDigest]:
    """The pending digests of all preferences whose users haven't paused everything."""
    # Who has paused everything may have much that waits, and it's not due.
    return _waiting(
        session, now, throttling, or_(User.paused_until.is_(None), User.paused_until <= now))


def awaits_digest(now: datetime) -> ColumnElement[bool]:
    """Condition: a notification is pending for a digest. A delayed failure isn't, until its delay ends."""
    delayed = exists().where(DelayedFailure.notification_id == Notification.id, DelayedFailure.until > now)
    return and_(Notification.batched, Notification.digest_id.is_(None), ~delayed)


def _waiting(
    session: Session, now: datetime, throttling: FloodSettings, *conditions: ColumnElement[bool],
) -> list[NextDigest]:
    others_waiting = func.sum(case((Notification.throttled, 0), else_=1))
    rows = session.execute(
        select(Preference, User.time_zone, User.paused_until, func.count(Notification.id),
               func.min(Notification.created_at), _severe(), _closed_at(), others_waiting)
        .join(User, User.id == Preference.user_id)
        .join(Notification, Notification.preference_id == Preference.id)
        .where(awaits_digest(now), *conditions)
        .group_by(Preference.id, User.id))
    pace = timedelta(minutes=throttling.digest_minutes)
    return [
        NextDigest(
            preference.id, preference.enabled, rhythm := schedule_of(preference, time_zone, paused_until),
            count, first_at, severe, closed_at, None if others or rhythm.is_batched else pace)
        for preference, time_zone, paused_until, count, first_at, severe, closed_at, others in rows
    ]


def _severe() -> ColumnElement[bool]:
    """Column: whether a severe notification is pending, where the quiet hours let those through."""
    one = aliased(Notification)
    found = exists().where(
        one.preference_id == Preference.id, one.batched, one.digest_id.is_(None),
        StoredMessage.id == one.message_id, StoredMessage.event.in_(catalog().severe_events))
    matters = and_(Preference.quiet_from.is_not(None), Preference.quiet_lets_severe)
    return case((matters, found), else_=false())


def _closed_at() -> ScalarSelect[datetime]:
    """Column: when the last digest was closed, by the index of the digests' first notifications."""
    return (
        select(Digest.created_at).where(Digest.preference_id == Preference.id)
        .order_by(Digest.first_notification_id.desc()).limit(1)
        .correlate(Preference).scalar_subquery())
