"""Closes due digests: assigns pending notifications to a digest and inserts its deliveries.

It has its effect once, however often it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.digests.due_times import NextDigest, is_due
from fmn.digests.next_digests import all_next_digests, awaits_digest, next_digests_for
from fmn.digests.throttled_digest import throttled_digest
from fmn.infra.db import Database
from fmn.ledger.models import DeliveryKind, Digest, Notification
from fmn.ledger.outbox import confirmed_addresses, delivery_row, insert_deliveries
from fmn.people.models import Preference
from fmn.settings import FloodSettings

#: Note of the first digest after a pause.
AFTER_PAUSE: Final = "You had paused your notifications. This is what came meanwhile."
#: Notifications that one statement puts into a digest: databases take only so many ids.
AT_ONCE: Final = 1_000


def close_due_digests(
    database: Database, now: datetime, most: int, throttling: FloodSettings,
) -> Mapping[str, Sequence[int]]:
    """Close every digest that is due, each preference's in a transaction of its own.

    A digest holds up to ``most`` notifications; more of them go into further digests, except while
    throttling. Returns the ids of the deliveries to send, by context.
    """
    with database.reading() as session:
        due = [waiting.preference_id for waiting in all_next_digests(
            session, now, throttling) if is_due(waiting, now)]
    deliveries: defaultdict[str, list[int]] = defaultdict(list)
    for preference_id in due:
        with database.transaction() as session:
            for digest in _digests(session, preference_id, now, most, throttling):
                for context, ids in digest.items():
                    deliveries[context] += ids
    return deliveries


def _digests(
    session: Session, preference_id: int, now: datetime, most: int, throttling: FloodSettings,
) -> Iterator[Mapping[str, Sequence[int]]]:
    """Close a preference's digests, of up to ``most`` notifications each; yields each digest's deliveries."""
    # Two who close at once may see not quite the same notifications, so one waits for the other, and then
    # looks again whether what's left is due at all: a due time has one digest.
    session.execute(
        select(Preference.id).where(Preference.id == preference_id).with_for_update(key_share=True))
    due = [each for each in next_digests_for(session, [preference_id], now, throttling) if is_due(each, now)]
    # What recovers meanwhile doesn't wait any more, see fmn/matching/recovery.py.
    ids = _waiting_ids(session, preference_id, now) if due else ()
    if not ids:
        return
    if any(each.throttling_interval is not None for each in due):
        yield _close(session, throttled_digest(session, preference_id, ids, now, throttling), ids)
        return
    for start in range(0, len(ids), most):
        part = ids[start:start + most]
        yield _close(session, Digest(
            preference_id=preference_id, first_notification_id=part[0], created_at=now,
            note=_note(due[0], now) if start == 0 else None), part)


def _note(waiting: NextDigest, now: datetime) -> str | None:
    """What the first digest after a pause says about it."""
    ended = waiting.rhythm.paused_until
    if ended is None or ended > now or waiting.first_at >= ended:
        return None
    told = waiting.closed_at is not None and waiting.closed_at >= ended
    return None if told else AFTER_PAUSE


def _waiting_ids(session: Session, preference_id: int, now: datetime) -> Sequence[int]:
    """Ids of a preference's pending notifications, oldest first."""
    return session.scalars(
        select(Notification.id)
        .where(Notification.preference_id == preference_id, awaits_digest(now))
        .order_by(Notification.id)).all()


def _close(session: Session, digest: Digest, ids: Sequence[int]) -> Mapping[str, Sequence[int]]:
    session.add(digest)
    session.flush()
    for start in range(0, len(ids), AT_ONCE):
        session.execute(
            update(Notification)
            .where(Notification.id.in_(ids[start:start + AT_ONCE]), Notification.batched)
            .values(digest_id=digest.id))
    preference, reachable = confirmed_addresses(session, [digest.preference_id])[digest.preference_id]
    return insert_deliveries(session, [
        delivery_row(
            DeliveryKind.DIGEST, f"{preference.id}:{ids[0]}", preference, address, digest.created_at,
            notification_id=None, digest_id=digest.id)
        for address in reachable
    ])
