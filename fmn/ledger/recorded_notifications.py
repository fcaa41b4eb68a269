"""What the ledger has recorded of one message for one person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.models import Filter, label_of
from fmn.ledger.models import Notification
from fmn.people.models import Preference


class RecordedNotification(NamedTuple):
    """A notification; ``filter_name`` is ``""`` if its filter has been deleted."""

    id: int
    created_at: datetime
    filter_name: str


def recorded_notifications(
    session: Session, message_id: int, user_id: int,
) -> Mapping[str, RecordedNotification]:
    """A user's notifications of a message, by context. ``message_id`` is the ledger's."""
    rows = session.execute(
        select(Preference.context, Notification.id, Notification.created_at,
               label_of(Filter.name, Filter.group_name))
        .join(Preference, Preference.id == Notification.preference_id)
        .outerjoin(Filter, Filter.id == Notification.filter_id)
        .where(Notification.message_id == message_id, Preference.user_id == user_id))
    return {
        context: RecordedNotification(notification_id, created_at, filter_name or "")
        for context, notification_id, created_at, filter_name in rows}
