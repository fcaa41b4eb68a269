"""Closing digests: what waits becomes a digest and its deliveries, once, however often this runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fmn.db import Database
from fmn.digests.due import Waiting, is_due
from fmn.ledger.models import Digest, Kind, Notification
from fmn.ledger.notifications import addresses_of, delivery_row, insert_deliveries
from fmn.people.models import Preference


def close_due_digests(database: Database, now: datetime, most: int) -> Mapping[str, Sequence[int]]:
    """Close every digest that is due, each in its own transaction.

    One digest holds up to ``most`` notifications; what is more goes into further ones. Returns the ids
    of the deliveries to send, by context.
    """
    with database.transaction() as session:
        due = [waiting.preference_id for waiting in _waiting(session) if is_due(waiting, now)]
    deliveries: defaultdict[str, list[int]] = defaultdict(list)
    for preference_id in due:
        for digest in _digests(database, preference_id, now, most):
            for context, ids in digest.items():
                deliveries[context] += ids
    return deliveries


def _waiting(session: Session) -> list[Waiting]:
    rows = session.execute(
        select(Preference, func.count(Notification.id), func.min(Notification.created_at))
        .join(Notification, Notification.preference_id == Preference.id)
        .where(Notification.batched, Notification.digest_id.is_(None))
        .group_by(Preference.id))
    return [
        Waiting(p.id, p.enabled, p.digest_count, p.digest_seconds, count, first_at)
        for p, count, first_at in rows
    ]


def _digests(
    database: Database, preference_id: int, now: datetime, most: int,
) -> Iterator[Mapping[str, Sequence[int]]]:
    """Close what waits for a preference, up to ``most`` at a time; yields the deliveries of each digest."""
    closed = most
    while closed == most:
        with database.transaction() as session:
            ids = _take(session, preference_id, most)
            deliveries = _close(session, preference_id, ids, now) if ids else {}
        yield deliveries
        closed = len(ids)


def _take(session: Session, preference_id: int, most: int) -> Sequence[int]:
    """The notifications that wait for a preference, oldest first; until the commit they're ours."""
    # Two who close at once may see not quite the same notifications, so one waits for the other.
    session.execute(
        select(Preference.id).where(Preference.id == preference_id).with_for_update(key_share=True))
    return session.scalars(
        select(Notification.id)
        .where(Notification.preference_id == preference_id,
               Notification.batched, Notification.digest_id.is_(None))
        .order_by(Notification.id).limit(most)).all()


def _close(
    session: Session, preference_id: int, ids: Sequence[int], now: datetime,
) -> Mapping[str, Sequence[int]]:
    digest = Digest(preference_id=preference_id, first_notification_id=ids[0], created_at=now)
    session.add(digest)
    session.flush()
    session.execute(update(Notification).where(Notification.id.in_(ids)).values(digest_id=digest.id))
    preference, reachable = addresses_of(session, [preference_id])[preference_id]
    return insert_deliveries(session, [
        delivery_row(
            Kind.DIGEST, f"{preference_id}:{ids[0]}", preference, address, now,
            notification_id=None, digest_id=digest.id)
        for address in reachable
    ])
