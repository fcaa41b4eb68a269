"""How much each filter lets through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.ledger.models import Notification


def let_through(session: Session, preference_id: int, since: datetime) -> Mapping[int, int]:
    """How many messages a preference's filters let through since then, by the id of those that did."""
    return {
        filter_id: count for filter_id, count in session.execute(
            select(Notification.filter_id, func.count())
            .where(Notification.preference_id == preference_id, Notification.created_at >= since,
                   Notification.filter_id.is_not(None))
            .group_by(Notification.filter_id))
        if filter_id is not None
    }
