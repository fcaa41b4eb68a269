"""Figures of a user: notifications and sent deliveries of the last days, by channel and by filter.

What isn't counted yet is counted from the ledger, so what came is exact. What was sent may be a minute old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from fmn.ledger.day_range import DayCount, DayRange
from fmn.ledger.figures.ledger_sources import NOTIFIED
from fmn.ledger.figures.models import DailyFigure, FigureBookmark
from fmn.ledger.figures.tallies import NO_FILTER
from fmn.ledger.models import Notification

_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True)
class DailyCounts:
    """What came and what was sent on each of some days, the oldest first."""

    came: Sequence[DayCount]
    sent: Sequence[DayCount]
    window: DayRange

    @property
    def total(self) -> int:
        """Number of notifications."""
        return sum(day.messages for day in self.came)

    @property
    def total_sent(self) -> int:
        """Number of deliveries that were sent: digests count once."""
        return sum(day.messages for day in self.sent)

    @property
    def average(self) -> float:
        """Notifications a day since the day of the first one, where less than a day counts as one."""
        first = next((day.date for day in self.came if day.messages), None)
        if first is None:
            return 0.0
        passed = (self.window.now - self.window.begin_of(first)).total_seconds()
        return self.total / max(1.0, passed / _DAY_SECONDS)


@dataclass(frozen=True)
class PersonalFigures:
    """Figures of some preferences."""

    channels: Mapping[int, DailyCounts]
    #: What each filter let through, by its id; filters without anything aren't there.
    filters: Mapping[int, Sequence[DayCount]]

    def filter(self, filter_id: int, window: DayRange) -> Sequence[DayCount]:
        """What a filter let through on each day."""
        return self.filters.get(filter_id) or [DayCount(day, 0) for day in window.days_since(window.begins)]


def personal_figures(session: Session, preference_ids: Collection[int], window: DayRange) -> PersonalFigures:
    """Figures of preferences for a range of days, in two statements."""
    days = window.days_since(window.begins)
    came: Counter[tuple[int, date]] = Counter()
    sent: Counter[tuple[int, date]] = Counter()
    filters: dict[int, Counter[date]] = {}
    rows = chain(_counted(session, preference_ids, days),
                 _not_counted_yet(session, preference_ids, window, days))
    for preference_id, day, filter_id, some_came, some_sent in rows:
        came[preference_id, day] += some_came
        sent[preference_id, day] += some_sent
        if filter_id != NO_FILTER:
            filters.setdefault(filter_id, Counter())[day] += some_came

    def channel(preference_id: int, counts: Counter[tuple[int, date]]) -> Sequence[DayCount]:
        return _series(days, {day: counts[preference_id, day] for day in days})

    return PersonalFigures(
        {each: DailyCounts(channel(each, came), channel(each, sent), window) for each in preference_ids},
        {filter_id: _series(days, counts) for filter_id, counts in filters.items()})


#: Preference, day, filter, and how much came and was sent.
_Row = tuple[int, date, int, int, int]


def _counted(session: Session, preference_ids: Collection[int], days: Sequence[date]) -> Iterator[_Row]:
    rows = session.execute(
        select(DailyFigure.preference_id, DailyFigure.day, DailyFigure.filter_id, DailyFigure.came,
               DailyFigure.sent)
        .where(DailyFigure.preference_id.in_(preference_ids), DailyFigure.day.between(days[0], days[-1])))
    for row in rows:
        preference_id, day, filter_id, came, sent = row
        yield preference_id, day, filter_id, came, sent


def _not_counted_yet(
    session: Session, preference_ids: Collection[int], window: DayRange, days: Sequence[date],
) -> Iterator[_Row]:
    reached = (select(FigureBookmark.position).where(FigureBookmark.source == NOTIFIED.name)
               .scalar_subquery())
    begins = [(Notification.created_at >= window.begin_of(day), at) for at, day in enumerate(days)]
    new = select(
        Notification.preference_id, Notification.filter_id, case(*reversed(begins)).label("day"),
    ).where(
        Notification.preference_id.in_(preference_ids), Notification.id > func.coalesce(reached, 0),
        Notification.created_at >= window.begins,
    ).subquery()
    rows = session.execute(
        select(new.c.preference_id, new.c.filter_id, new.c.day, func.count())
        .group_by(new.c.preference_id, new.c.filter_id, new.c.day))
    for preference_id, filter_id, at, count in rows:
        yield preference_id, days[at], filter_id or NO_FILTER, count, 0


def _series(days: Sequence[date], counts: Mapping[date, int]) -> Sequence[DayCount]:
    return [DayCount(day, counts.get(day, 0)) for day in days]
