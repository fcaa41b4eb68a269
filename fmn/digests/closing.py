"""Closing digests: what waits becomes a digest and its deliveries, once, however often this runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fmn.db import Database, insert_new
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
        while (batch := _close(database, preference_id, now, most)) is not None:
            for context, ids in batch.items():
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


def _close(
    database: Database, preference_id: int, now: datetime, most: int,
) -> Mapping[str, Sequence[int]] | None:
    """Close one digest; ``None`` if nothing waits, or somebody else is closing it."""
    with database.transaction() as session:
        ids = list(session.scalars(
            select(Notification.id)
            .where(Notification.preference_id == preference_id,
                   Notification.batched, Notification.digest_id.is_(None))
            .order_by(Notification.id).limit(most)))
        row = {"preference_id": preference_id, "first_notification_id": ids[0] if ids else 0, "created_at": now}
        new = insert_new(session, Digest, [row], Digest.id) if ids else []
        if not new:
            return None
        digest_id = new[0].id
        session.execute(
            update(Notification).where(Notification.id.in_(ids)).values(digest_id=digest_id))
        preference, reachable = addresses_of(session, [preference_id])[preference_id]
        return insert_deliveries(session, [
            delivery_row(
                Kind.DIGEST, f"{preference_id}:{ids[0]}", preference, address, now,
                notification_id=None, digest_id=digest_id)
            for address in reachable
        ])
