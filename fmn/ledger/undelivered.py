"""The last delivery of a preference that failed or is being retried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import NO_FAILURE


@dataclass(frozen=True)
class Undelivered:
    """A preference's last delivery, which failed or is being retried, and why."""

    reason: str
    destination: str
    created_at: datetime
    #: When it's tried again, ``None`` if it has been given up.
    next_attempt_at: datetime | None


def undelivered(
    session: Session, preference_ids: Collection[int], since: datetime,
) -> Mapping[int, Undelivered]:
    """The last failed or retried delivery since then, by preference, unless a later one was sent."""
    later = aliased(Delivery)
    newest = (
        select(func.max(Delivery.id))
        .where(Delivery.preference_id.in_(preference_ids), Delivery.created_at >= since, or_(
            Delivery.state == DeliveryState.FAILED,
            and_(Delivery.state == DeliveryState.WAITING, Delivery.reason.not_in(NO_FAILURE))))
        .group_by(Delivery.preference_id))
    rows = session.scalars(select(Delivery).where(
        Delivery.id.in_(newest),
        ~exists().where(later.preference_id == Delivery.preference_id, later.id > Delivery.id,
                        later.state == DeliveryState.SENT)))
    return {
        row.preference_id: Undelivered(
            row.reason, row.destination, row.created_at,
            row.next_attempt_at if row.state == DeliveryState.WAITING else None)
        for row in rows
    }
