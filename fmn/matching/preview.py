"""Preview of a filter: the recent messages it would have matched, and how many a day.

If time is up before all messages are evaluated, the newest ones count, and the preview says since when it's
complete.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog, Message, Severity
from fmn.filters.expressions import Expression
from fmn.ledger.day_range import DAYS, DayCount, DayRange
from fmn.ledger.models import StoredMessage
from fmn.matching.compiler import compile_expression
from fmn.matching.deadlines import Deadline
from fmn.matching.history_search import HistorySearch
from fmn.matching.match_context import MatchContext
from fmn.matching.stored_facts import stored_event_type

__all__ = ["DAYS", "DayCount", "DayRange", "Preview", "SeverityDayCount", "preview"]

#: Messages that are shown.
SHOWN: Final = 20
#: Seconds that judging may take. Somebody who types waits for the answer.
PREVIEW_SECONDS: Final = 0.7

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class SeverityDayCount(DayCount):
    """The number of messages on one day, and how many there are of each severity."""

    by_severity: Mapping[Severity, int]


@dataclass(frozen=True)
class Preview:
    """The messages that a filter would have matched between ``since`` and ``until``.

    ``newest`` are the latest of them, last first; ``days`` begin with the earliest. If it isn't ``complete``,
    time was up, and it doesn't go back as far as requested.
    """

    newest: Sequence[Message]
    days: Sequence[SeverityDayCount]
    since: datetime
    until: datetime
    complete: bool

    @property
    def total(self) -> int:
        """Total number."""
        return sum(day.messages for day in self.days)

    @property
    def by_severity(self) -> Mapping[Severity, int]:
        """Total number of each severity."""
        return {level: sum(day.by_severity[level] for day in self.days) for level in Severity}

    @property
    def average(self) -> float:
        """Messages a day, where less than a day counts as one."""
        return self.total / max(1.0, self.history_days)

    @property
    def history_days(self) -> float:
        """Days of messages that :attr:`average` stands on."""
        return (self.until - self.since) / _DAY

    @property
    def peak(self) -> int:
        """The largest number of messages on one day."""
        return max((day.messages for day in self.days), default=0)


def preview(
    session: Session, expression: Expression, nick: str, match_context: MatchContext, window: DayRange, *,
    shown: int = SHOWN, seconds: float = PREVIEW_SECONDS, deadline: Deadline | None = None,
) -> Preview:
    """Preview of a filter for ``nick``, as far back as it gets in so many ``seconds``.

    Raises :class:`~fmn.filters.rule_types.RuleError` for an expression that can't be evaluated, and
    :class:`~fmn.matching.deadlines.RequestAbandonedError` when the ``deadline`` says so.
    """
    clause = compile_expression(expression, match_context.rule_types)
    oldest = session.scalar(select(func.min(StoredMessage.received_at))) or window.now
    past = HistorySearch(
        session, clause, nick, match_context, max(window.begins, oldest), window.now,
        seconds=seconds, deadline=deadline or Deadline())
    counts: Counter[tuple[date, str | None]] = Counter()
    newest: list[int] = []
    for page in past.matching():
        counts.update(zip(_days(page, window), (row.event for row in page), strict=True))
        newest += (row.id for row in page[:shown - len(newest)])
    return Preview(
        _messages(session, newest),
        severity_days(counts, window.days_since(past.since), match_context.catalog),
        past.since, window.now, past.complete)


def severity_days(
    counts: Mapping[tuple[date, str | None], int], dates: Iterable[date], catalog: Catalog,
) -> Sequence[SeverityDayCount]:
    """Counts of days and event types by severity; info for event types that the catalogue hasn't."""
    days: defaultdict[date, Counter[Severity]] = defaultdict(Counter)
    for (day, name), messages in counts.items():
        event = stored_event_type(catalog, name)
        days[day][event.severity if event else Severity.INFO] += messages
    return [
        SeverityDayCount(day, days[day].total(), {level: days[day][level] for level in Severity})
        for day in dates]


def _days(page: Sequence[Any], window: DayRange) -> Iterator[date]:
    """The days of rows in the order of time. Mostly those of a page are of one day."""
    if page and (day := window.day_of(page[0].received_at)) == window.day_of(page[-1].received_at):
        return repeat(day, len(page))
    return (window.day_of(row.received_at) for row in page)


def _messages(session: Session, ids: Sequence[int]) -> Sequence[Message]:
    rows = session.scalars(select(StoredMessage).where(StoredMessage.id.in_(ids)))
    by_id = {row.id: row.message for row in rows}
    return [by_id[message_id] for message_id in ids]
