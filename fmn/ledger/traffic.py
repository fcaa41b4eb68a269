"""Traffic of a preference: notifications a day, matches per filter, and its last failed delivery."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from fmn.ledger.day_range import DayCount, DayRange
from fmn.ledger.models import Delivery, DeliveryState, Notification
from fmn.ledger.reasons import POSTPONING

#: Texts of waiting deliveries of which no attempt has failed last.
_NO_FAILURE: Final = ("", *(reason.sentence for reason in POSTPONING))


@dataclass(frozen=True)
class Traffic:
    """Notifications of one preference by day. ``since`` is when the first of them was created."""

    days: Sequence[DayCount]
    since: datetime | None
    until: datetime

    @property
    def total(self) -> int:
        """Total number."""
        return sum(day.messages for day in self.days)

    @property
    def average(self) -> float:
        """Notifications a day since the first one, where less than a day counts as one."""
        if self.since is None:
            return 0.0
        return self.total / max(1.0, (self.until - self.since).total_seconds() / 86_400)


@dataclass(frozen=True)
class Undelivered:
    """A preference's last delivery, which failed or is being retried, and why."""

    reason: str
    destination: str
    created_at: datetime
    #: When it's tried again, ``None`` if it has been given up.
    next_attempt_at: datetime | None


def traffic(session: Session, preference_ids: Collection[int], window: DayRange) -> Mapping[int, Traffic]:
    """Traffic of preferences in a range of days, in one statement."""
    days = window.days_since(window.begins)
    begins = [(Notification.created_at >= window.begin_of(day), at) for at, day in enumerate(days)]
    noted = select(
        Notification.preference_id, Notification.created_at, case(*reversed(begins)).label("day"),
    ).where(
        Notification.preference_id.in_(preference_ids), Notification.created_at >= window.begins,
    ).subquery()
    rows = session.execute(
        select(noted.c.preference_id, noted.c.day, func.count(), func.min(noted.c.created_at))
        .group_by(noted.c.preference_id, noted.c.day))
    counts: defaultdict[int, Counter[date]] = defaultdict(Counter)
    since: dict[int, datetime] = {}
    for preference_id, at, count, first_at in rows:
        counts[preference_id][days[at]] = count
        since[preference_id] = min(since.get(preference_id, first_at), first_at)
    return {
        preference_id: Traffic(
            [DayCount(day, counts[preference_id][day]) for day in days], since.get(preference_id), window.now)
        for preference_id in preference_ids
    }


def undelivered(
    session: Session, preference_ids: Collection[int], since: datetime,
) -> Mapping[int, Undelivered]:
    """The last failed or retried delivery since then, by preference, unless a later one was sent."""
    later = aliased(Delivery)
    newest = (
        select(func.max(Delivery.id))
        .where(Delivery.preference_id.in_(preference_ids), Delivery.created_at >= since, or_(
            Delivery.state == DeliveryState.FAILED,
            and_(Delivery.state == DeliveryState.WAITING, Delivery.reason.not_in(_NO_FAILURE))))
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


def matches_per_filter(session: Session, preference_id: int, since: datetime) -> Mapping[int, int]:
    """Number of messages that each filter of a preference matched since then, by filter id."""
    return {
        filter_id: count for filter_id, count in session.execute(
            select(Notification.filter_id, func.count())
            .where(Notification.preference_id == preference_id, Notification.created_at >= since,
                   Notification.filter_id.is_not(None))
            .group_by(Notification.filter_id))
        if filter_id is not None
    }
