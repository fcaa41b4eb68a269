"""Outbox: rows of new deliveries, one for each address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from fmn.infra.db import Base, insert_new
from fmn.ledger.deliveries import IS_OPEN, is_free
from fmn.ledger.dropped_deliveries import count_dropped
from fmn.ledger.models import Delivery, DeliveryKind, DeliveryState, Notification
from fmn.ledger.reasons import Reason
from fmn.people.models import DetailValue, Preference

_PREFERENCES: Final = Base.metadata.tables[Preference.__tablename__]
_ADDRESSES: Final = Base.metadata.tables[DetailValue.__tablename__]
#: Made once, of the tables: making a statement of models' attributes takes longer than running it.
_CONFIRMED: Final = (
    select(_PREFERENCES.c.id, _PREFERENCES.c.context, _PREFERENCES.c.enabled, _ADDRESSES.c.id,
           _ADDRESSES.c.value)
    .outerjoin_from(_PREFERENCES, _ADDRESSES, (_ADDRESSES.c.preference_id == _PREFERENCES.c.id)
                    & _ADDRESSES.c.confirmed_at.is_not(None))
    .where(_PREFERENCES.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_ADDRESSES.c.id))


class DeliverablePreference(NamedTuple):
    """What a delivery needs to know of its preference."""

    id: int
    context: str
    enabled: bool


class ConfirmedAddress(NamedTuple):
    """A confirmed address of a preference."""

    id: int
    value: str


def confirmed_addresses(
    session: Session, preference_ids: Iterable[int],
) -> Mapping[int, tuple[DeliverablePreference, Sequence[ConfirmedAddress | None]]]:
    """Preferences and their confirmed addresses, by preference id; one ``None`` where there is none."""
    found: dict[int, tuple[DeliverablePreference, list[ConfirmedAddress | None]]] = {}
    for preference_id, context, enabled, address_id, value in session.execute(
            _CONFIRMED, {"ids": list(preference_ids)}):
        preference = DeliverablePreference(preference_id, context, enabled)
        address = None if address_id is None else ConfirmedAddress(address_id, value)
        found.setdefault(preference_id, (preference, []))[1].append(address)
    return found


def delivery_row(
    kind: DeliveryKind, what: str, preference: DeliverablePreference, address: ConfirmedAddress | None,
    now: datetime, *,
    notification_id: int | None, digest_id: int | None, until: datetime | None = None,
) -> Mapping[str, Any]:
    """The row of a new delivery.

    Without an address, or with the context off, it's dropped immediately. Else it waits ``until`` then, in
    case what it reports recovers.
    """
    dropped = None if preference.enabled else Reason.SWITCHED_OFF
    if address is None:
        dropped = Reason.NO_ADDRESS
    reason = dropped or (Reason.DELAYED if until else None)
    return {
        "key": f"{kind}:{what}:{address.id if address else 'nowhere'}", "kind": kind,
        "context": preference.context, "preference_id": preference.id,
        "destination": address.value if address else "", "notification_id": notification_id,
        "digest_id": digest_id, "state": DeliveryState.DROPPED if dropped else DeliveryState.WAITING,
        "reason": reason.sentence if reason else "", "attempts": 0, "next_attempt_at": until or now,
        "enqueued_at": None if until else now, "created_at": now,
        "finished_at": now if dropped else None,
    }


def insert_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[int]]:
    """Insert deliveries that aren't there yet; returns the ids of those to send now, by context."""
    by_context: defaultdict[str, list[int]] = defaultdict(list)
    for row in insert_new(
            session, Delivery, rows, Delivery.id, Delivery.context, Delivery.state, Delivery.reason,
            Delivery.enqueued_at):
        if row.state == DeliveryState.DROPPED:
            count_dropped(session, row.context, Reason.of(row.reason) or Reason.REFUSED)
        if row.state == DeliveryState.WAITING and row.enqueued_at is not None:
            by_context[row.context].append(row.id)
    return by_context


def drop_notifications(
    session: Session, notification_ids: Sequence[int], reason: Reason, now: datetime,
) -> frozenset[int]:
    """Drop what is still to be sent of these notifications; returns the ids of those that were."""
    to_be_sent = session.execute(
        update(Delivery)
        .where(Delivery.notification_id.in_(notification_ids), IS_OPEN, is_free(now))
        .values(
            state=DeliveryState.DROPPED, reason=reason.sentence, finished_at=now, claimed_by=None,
            claimed_until=None)
        .returning(Delivery.notification_id, Delivery.context)
        .execution_options(synchronize_session=False)).all()
    for row in to_be_sent:
        count_dropped(session, row.context, reason)
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
            notification_id=row.id, digest_id=None), "reason": reason.sentence}
        for row in gathered
    ])
    return frozenset((*(row.notification_id for row in to_be_sent), *(row.id for row in gathered)))
