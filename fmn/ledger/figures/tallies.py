"""Tallies: what a counted part of the ledger adds to the figures, and how it's added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, case, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fmn.infra.db import Base
from fmn.infra.recordset import RecordSet
from fmn.ledger.day_range import DAYS
from fmn.ledger.figures.models import DailyFigure, Figure
from fmn.ledger.figures.series import FIVE_MINUTES, HIGHEST, KEPT
from fmn.people.local_time import local_date, zone_or_utc
from fmn.people.models import Preference

#: The filter of the row with what was sent.
NO_FILTER: Final = 0
#: Older days aren't shown.
_SHOWN: Final = timedelta(days=DAYS + 1)

_Rows = Sequence[Mapping[str, Any]]


@dataclass
class Tally:
    """Sums and highest values of the installation, and what came and was sent by preference, day and filter.

    Values are added up by the shortest periods, numbered since 1970; the longer ones consist of them.
    """

    now: datetime
    figures: dict[tuple[str, int], int] = field(default_factory=dict)
    came: Counter[tuple[int, date, int]] = field(default_factory=Counter)
    sent: Counter[tuple[int, date, int]] = field(default_factory=Counter)

    def add(self, series: str, moment: datetime, value: int = 1) -> None:
        """Add a value of a series to the periods that a moment is in."""
        key = series, int(moment.timestamp()) // FIVE_MINUTES
        before = self.figures.get(key, 0)
        self.figures[key] = max(before, value) if series.startswith(HIGHEST) else before + value

    def add_came(self, preference_id: int, filter_id: int | None, moment: datetime, zone: str) -> None:
        """Add a notification of a preference whose owner is in this time zone."""
        if self.now - moment <= _SHOWN:
            self.came[preference_id, _day(moment, zone), filter_id or NO_FILTER] += 1

    def add_sent(self, preference_id: int, moment: datetime, zone: str) -> None:
        """Add a delivery that was sent."""
        if self.now - moment <= _SHOWN:
            self.sent[preference_id, _day(moment, zone), NO_FILTER] += 1

    def write(self, session: Session) -> None:
        """Add all to the figures in the database."""
        rows: list[dict[str, Any]] = [
            {"series": series, "seconds": seconds, "begins": datetime.fromtimestamp(begins, UTC),
             "value": value}
            for (series, seconds, begins), value in sorted(self._periods().items())]
        for highest in (False, True):
            _upsert(session, _FIGURES[highest], [
                row for row in rows if row["series"].startswith(HIGHEST) is highest])
        _upsert(session, _DAILY, list(self._days(session)))

    def _periods(self) -> Mapping[tuple[str, int, int], int]:
        """Values by series, length of the period and its start, of the periods that are kept."""
        found: dict[tuple[str, int, int], int] = {}
        for seconds, kept in KEPT.items():
            first = (self.now - kept).timestamp()
            for (series, place), value in self.figures.items():
                key = series, seconds, place * FIVE_MINUTES // seconds * seconds
                if key[2] >= first:
                    before = found.get(key, 0)
                    found[key] = max(before, value) if series.startswith(HIGHEST) else before + value
        return found

    def _days(self, session: Session) -> Iterator[Mapping[str, Any]]:
        keys = self.came.keys() | self.sent.keys()
        present = _lock_preferences(session, {key[0] for key in keys})
        for key in sorted(keys):
            if key[0] in present:
                yield {"preference_id": key[0], "day": key[1], "filter_id": key[2],
                       "came": self.came[key], "sent": self.sent[key]}


@lru_cache(maxsize=1_000)
def _day(moment: datetime, zone: str) -> date:
    return local_date(moment, zone_or_utc(zone))


def _lock_preferences(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Those of the preferences that still exist, which nobody can delete until the commit."""
    return frozenset(session.scalars(
        select(Preference.id).where(Preference.id.in_(ids)).order_by(Preference.id)
        .with_for_update(read=True, key_share=True)))


def _sum(before: ColumnElement[int], given: ColumnElement[int]) -> ColumnElement[int]:
    return before + given


def _highest(before: ColumnElement[int], given: ColumnElement[int]) -> ColumnElement[int]:
    return case((given > before, given), else_=before)


@dataclass(frozen=True)
class _Upsert:
    """An INSERT of rows; where there's one already, columns are combined with the given values."""

    table: type[Base]
    names: tuple[str, ...]
    combine: Callable[[Any, Any], ColumnElement[int]]

    def _on_conflict(self, insert: Any) -> Any:
        columns = _columns(self.table)
        return insert.on_conflict_do_update(
            index_elements=[each for each in columns.values() if each.primary_key],
            set_={name: self.combine(columns[name], insert.excluded[name]) for name in self.names})

    def execute_on_sqlite(self, session: Session, rows: _Rows) -> None:
        """Insert or combine the rows."""
        session.connection().execute(self._on_conflict(sqlite.insert(self.table)), rows)

    def execute_on_postgresql(self, session: Session, rows: _Rows) -> None:
        """The same with all of them as one parameter."""
        statement, given = _postgresql(self)
        session.connection().execute(statement, given.parameters(rows))

    def postgresql_statement(self) -> tuple[Any, RecordSet]:
        """The statement for PostgreSQL, and what its parameter is."""
        columns = _columns(self.table)
        given = RecordSet(columns)
        rows = select(*given.table.c)
        insert = postgresql.insert(self.table).from_select(
            list(columns.values()), rows, include_defaults=False)
        return self._on_conflict(insert), given


def _columns(table: type[Base]) -> Mapping[str, Any]:
    described = table.__table__
    assert isinstance(described, Table)
    return dict(described.columns)


@cache
def _postgresql(upsert: _Upsert) -> tuple[Any, RecordSet]:
    return upsert.postgresql_statement()


#: By whether the highest value counts.
_FIGURES: Final = {
    False: _Upsert(Figure, ("value",), _sum), True: _Upsert(Figure, ("value",), _highest)}
_DAILY: Final = _Upsert(DailyFigure, ("came", "sent"), _sum)


def _upsert(session: Session, upsert: _Upsert, rows: _Rows) -> None:
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        upsert.execute_on_sqlite(session, rows)
    else:
        upsert.execute_on_postgresql(session, rows)
