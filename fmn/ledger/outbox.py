"""Making deliveries: rows for what is to be sent, one for each address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.infra.db import insert_new
from fmn.ledger.deliveries import IS_OPEN, is_free
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Notification
from fmn.people.models import DetailValue, Preference

#: Why a delivery isn't sent, in words that its owner reads.
NO_ADDRESS = "no confirmed address"
SWITCHED_OFF = "switched off before it could be sent"
RECOVERED = "recovered before it was sent"
FAILURE_NOT_SENT = "the failure wasn't sent either"
#: Why one waits that could be sent.
DELAYED = "unless it recovers before"


def confirmed_addresses(
    session: Session, preference_ids: Iterable[int],
) -> Mapping[int, tuple[Preference, Sequence[DetailValue | None]]]:
    """Preferences and their confirmed addresses, by the preference's id; one ``None`` where there's none."""
    rows = session.execute(
        select(Preference, DetailValue)
        .outerjoin(DetailValue, (DetailValue.preference_id == Preference.id)
                   & DetailValue.confirmed_at.is_not(None))
        .where(Preference.id.in_(preference_ids))
        .order_by(DetailValue.id))
    found: dict[int, tuple[Preference, list[DetailValue | None]]] = {}
    for preference, address in rows:
        found.setdefault(preference.id, (preference, []))[1].append(address)
    return found


def delivery_row(
    kind: DeliveryKind, what: str, preference: Preference, address: DetailValue | None, now: datetime, *,
    notification_id: int | None, digest_id: int | None, until: datetime | None = None,
) -> Mapping[str, Any]:
    """A delivery's row; without an address to send it to, or with the context off, it's dropped at once.

    It's held ``until`` then, in case that what it tells of recovers.
    """
    reason = "" if preference.enabled else SWITCHED_OFF
    if address is None:
        reason = NO_ADDRESS
    return {
        "key": f"{kind}:{what}:{address.id if address else 'nowhere'}", "kind": kind,
        "context": preference.context, "preference_id": preference.id,
        "destination": address.value if address else "", "notification_id": notification_id,
        "digest_id": digest_id, "state": DeliveryState.DROPPED if reason else DeliveryState.WAITING,
        "reason": reason or (DELAYED if until else ""), "attempts": 0, "next_attempt_at": until or now,
        "enqueued_at": None if until else now, "created_at": now,
        "finished_at": now if reason else None,
    }


def insert_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[int]]:
    """Insert deliveries that aren't there yet; returns the ids of those to send now, by context."""
    by_context: defaultdict[str, list[int]] = defaultdict(list)
    for row in insert_new(
            session, Delivery, rows, Delivery.id, Delivery.context, Delivery.state, Delivery.enqueued_at):
        if row.state == DeliveryState.WAITING and row.enqueued_at is not None:
            by_context[row.context].append(row.id)
    return by_context


def drop_notifications(
    session: Session, notification_ids: Sequence[int], reason: str, now: datetime,
) -> frozenset[int]:
    """Don't send these notifications, for this reason; returns those that were still to be sent."""
    to_be_sent = session.scalars(
        update(Delivery)
        .where(Delivery.notification_id.in_(notification_ids), IS_OPEN, is_free(now))
        .values(
            state=DeliveryState.DROPPED, reason=reason, finished_at=now, claimed_by=None, claimed_until=None)
        .returning(Delivery.notification_id)
        .execution_options(synchronize_session=False)).all()
    gathered = session.execute(
        update(Notification)
        .where(Notification.id.in_(notification_ids), Notification.batched, Notification.digest_id.is_(None))
        .values(batched=False)
        .returning(Notification.id, Notification.preference_id)
        .execution_options(synchronize_session=False)).all()
    preferences = confirmed_addresses(session, {row.preference_id for row in gathered}) if gathered else {}
    insert_deliveries(session, [
        {**delivery_row(
            DeliveryKind.SINGLE, f"dropped-{row.id}", preferences[row.preference_id][0], None, now,
            notification_id=row.id, digest_id=None), "reason": reason}
        for row in gathered
    ])
    return frozenset(one for one in (*to_be_sent, *(row.id for row in gathered)) if one is not None)
