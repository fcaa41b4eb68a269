"""The preview of a filter: what it would have let through lately, and how much that is a day.

If there are more messages than can be judged while somebody waits, the newest ones count, and the preview
says since when it's complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.filters.expressions import Expression
from fmn.ledger.models import StoredMessage
from fmn.matching.compiler import compile_expression
from fmn.matching.knowledge import Knowledge
from fmn.matching.past import Past

#: Days that a preview goes back, today included: as many as the ledger keeps by default.
DAYS: Final = 14
#: Messages that are shown.
SHOWN: Final = 20
#: Seconds that judging may take. Somebody who types waits for the answer.
PATIENCE: Final = 0.7

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """The time that a preview looks at: whole days of a time zone, and today until ``now``."""

    now: datetime
    days: int = DAYS
    zone: tzinfo = UTC

    @property
    def begins(self) -> datetime:
        """When the first day began."""
        first = self.day_of(self.now) - (self.days - 1) * _DAY
        return datetime.combine(first, time(), self.zone).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment."""
        return moment.astimezone(self.zone).date()

    def days_since(self, moment: datetime) -> Sequence[date]:
        """The days from a moment until today."""
        first = self.day_of(moment)
        return [first + number * _DAY for number in range((self.day_of(self.now) - first).days + 1)]


@dataclass(frozen=True)
class Day:
    """How many messages a filter would have let through on one day."""

    date: date
    messages: int


@dataclass(frozen=True)
class Preview:
    """What a filter would have let through between ``since`` and ``until``.

    ``newest`` are the latest of these messages, the last one first; ``days`` begin with the earliest. Unless
    it's ``complete`` there were more messages to judge than there was time, and it doesn't go back as far as
    was asked.
    """

    newest: Sequence[Message]
    days: Sequence[Day]
    since: datetime
    until: datetime
    complete: bool

    @property
    def total(self) -> int:
        """How many there were altogether."""
        return sum(day.messages for day in self.days)

    @property
    def average(self) -> float:
        """Messages a day. In less than a day there's nothing to make an average of."""
        return self.total / max(1.0, (self.until - self.since) / _DAY)

    @property
    def peak(self) -> int:
        """The messages of the day that had most."""
        return max((day.messages for day in self.days), default=0)


def preview(
    session: Session, expression: Expression, nick: str, knowledge: Knowledge, window: Window, *,
    shown: int = SHOWN, patience: float = PATIENCE,
) -> Preview:
    """What a filter of ``nick`` would have let through.

    Raises :class:`~fmn.filters.rule_types.RuleError` for an expression that can't be asked.
    """
    clause = compile_expression(expression, knowledge.rule_types)
    oldest = session.scalar(select(func.min(StoredMessage.received_at))) or window.now
    past = Past(session, clause, nick, knowledge, max(window.begins, oldest), patience=patience)
    counts: Counter[date] = Counter()
    newest: list[int] = []
    for message_id, received_at in past.matching():
        counts[window.day_of(received_at)] += 1
        if len(newest) < shown:
            newest.append(message_id)
    return Preview(
        _messages(session, newest), [Day(each, counts[each]) for each in window.days_since(past.since)],
        past.since, window.now, past.complete)


def _messages(session: Session, ids: Sequence[int]) -> Sequence[Message]:
    rows = session.scalars(select(StoredMessage).where(StoredMessage.id.in_(ids)))
    by_id = {row.id: row.message for row in rows}
    return [by_id[message_id] for message_id in ids]
