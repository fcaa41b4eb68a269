"""Parts of the ledger that figures are counted from, and what a stretch of each adds to them.

A stretch is between two positions, the first excluded: row ids, or moments in microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fmn.ledger.figures.series import (
    BUS_LAG,
    DROPPED,
    FAILED,
    MATCH_LAG,
    MATCHED,
    NOTIFICATIONS,
    RECEIVED,
    SENT,
)
from fmn.ledger.figures.tallies import Tally
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from fmn.people.models import Preference, User

#: How far moments may lie before the commit of their rows: hosts' clocks differ, and a statement may have to
#: wait for a lock.
LATITUDE: Final = timedelta(seconds=30)
#: Rows of ended deliveries in memory at a time.
BUFFERED_ROWS: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SERIES: Final = {
    DeliveryState.SENT.value: SENT, DeliveryState.FAILED.value: FAILED, DeliveryState.DROPPED.value: DROPPED}


@dataclass(frozen=True)
class LedgerSource:
    """Rows that are counted in the order of a column: an id, or a moment that's set when they're done."""

    name: str
    column: InstrumentedAttribute[Any]
    #: Adds a stretch's rows to a tally, by the condition that selects them.
    tally: Callable[[Session, ColumnElement[bool], Tally], None]
    in_time: bool = False

    def latest(self, session: Session, now: datetime) -> int:
        """Position up to which rows are there, but for those of transactions that are still open."""
        return _position(now - LATITUDE) if self.in_time else session.scalar(func.max(self.column)) or 0

    def stretch(self, session: Session, after: int, until: int, limit: int) -> int:
        """Position after about ``limit`` rows."""
        some = (select(self.column.label("at")).where(self.between(after, until))
                .order_by(self.column).limit(limit).subquery())
        count, last = session.execute(select(func.count(), func.max(some.c.at))).one()
        return until if count < limit else self._position_of(last)

    def between(self, after: int, until: int) -> ColumnElement[bool]:
        """Condition: a row is in a stretch."""
        return and_(self.column > self._value(after), self.column <= self._value(until))

    def _value(self, position: int) -> Any:
        return _EPOCH + position * _MICROSECOND if self.in_time else position

    def _position_of(self, value: Any) -> int:
        return _position(value) if self.in_time else value


def _position(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _received(session: Session, which: ColumnElement[bool], tally: Tally) -> None:
    for received_at, sent_at, late in session.execute(
            select(StoredMessage.received_at, StoredMessage.sent_at, StoredMessage.late).where(which)):
        tally.add(RECEIVED, received_at)
        if not late:
            tally.add(BUS_LAG, received_at, _milliseconds(received_at - sent_at))


def _matched(session: Session, which: ColumnElement[bool], tally: Tally) -> None:
    for matched_at, received_at in session.execute(
            select(StoredMessage.matched_at, StoredMessage.received_at)
            .where(which)):
        assert matched_at is not None
        tally.add(MATCHED, matched_at)
        tally.add(MATCH_LAG, matched_at, _milliseconds(matched_at - received_at))


def _notified(session: Session, which: ColumnElement[bool], tally: Tally) -> None:
    rows = session.execute(_owned(
        Notification.preference_id, Notification.filter_id, Notification.created_at, User.time_zone,
        of=Notification.preference_id).where(which))
    for preference_id, filter_id, created_at, zone in rows:
        tally.add(NOTIFICATIONS, created_at)
        tally.add_came(preference_id, filter_id, created_at, zone)


def _ended(session: Session, which: ColumnElement[bool], tally: Tally) -> None:
    # Whoever discards a million deliveries ends all of them at one moment, which is in one stretch.
    rows = session.execute(_owned(
        Delivery.preference_id, Delivery.context, Delivery.state, Delivery.finished_at, User.time_zone,
        of=Delivery.preference_id).where(which), execution_options={"yield_per": BUFFERED_ROWS})
    for preference_id, context, state, finished_at, zone in rows:
        if series := _SERIES.get(state):
            tally.add(f"{series}{context}", finished_at)
        if state == DeliveryState.SENT:
            tally.add_sent(preference_id, finished_at, zone)


def _owned(*columns: Any, of: InstrumentedAttribute[int]) -> Select[Any]:
    """Selects columns of rows that belong to preferences, and of their owners."""
    return select(*columns).join(Preference, Preference.id == of).join(User, User.id == Preference.user_id)


def _milliseconds(span: timedelta) -> int:
    return max(0, span // timedelta(milliseconds=1))


#: What is counted of people's notifications.
NOTIFIED: Final = LedgerSource("notifications", Notification.id, _notified)
SOURCES: Final[Sequence[LedgerSource]] = (
    LedgerSource("messages", StoredMessage.id, _received),
    LedgerSource("matched", StoredMessage.matched_at, _matched, in_time=True),
    NOTIFIED,
    LedgerSource("ended", Delivery.finished_at, _ended, in_time=True),
)
