"""Notifications in the ledger: inserting, deleting and finding their rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.infra.db import insert_new
from fmn.ledger.dropped_deliveries import count_dropped
from fmn.ledger.models import DelayedFailure, Delivery, DeliveryState, Notification, StoredMessage
from fmn.ledger.reasons import Reason


def insert_notifications(session: Session, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
    """Insert notifications that aren't there yet.

    Returns ``id``, ``message_id``, ``preference_id`` and ``filter_id`` of the new ones.
    """
    return insert_new(
        session, Notification, rows, Notification.id, Notification.message_id, Notification.preference_id,
        Notification.filter_id)


def delete_notifications(session: Session, notification_ids: Collection[int]) -> frozenset[int]:
    """Delete notifications of this transaction, with their delays and deliveries.

    Returns the deliveries' ids.
    """
    as_it_is = {"synchronize_session": False}
    session.execute(
        delete(DelayedFailure).where(DelayedFailure.notification_id.in_(notification_ids)),
        execution_options=as_it_is)
    deliveries = session.execute(
        delete(Delivery).where(Delivery.notification_id.in_(notification_ids))
        .returning(Delivery.id, Delivery.context, Delivery.state, Delivery.reason),
        execution_options=as_it_is).all()
    for row in deliveries:
        if row.state == DeliveryState.DROPPED and (reason := Reason.of(row.reason)):
            count_dropped(session, row.context, reason, -1)
    session.execute(
        delete(Notification).where(Notification.id.in_(notification_ids)), execution_options=as_it_is)
    return frozenset(row.id for row in deliveries)


def notifications_of(session: Session, message_id: int, preference_ids: Collection[int]) -> Sequence[int]:
    """Ids of a message's notifications for these preferences."""
    return session.scalars(
        select(Notification.id)
        .where(Notification.message_id == message_id, Notification.preference_id.in_(preference_ids))).all()


def message_by_id(session: Session, notification_id: int) -> Message | None:
    """The message of a notification; ``None`` if it isn't kept any more."""
    stored = session.scalar(
        select(StoredMessage).join(Notification, Notification.message_id == StoredMessage.id)
        .where(Notification.id == notification_id))
    return stored.message if stored else None
