"""History of the installation's series, for charts: a value for each period, and 0 where nothing was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.ledger.figures.models import Figure
from fmn.ledger.figures.series import period_start


@dataclass(frozen=True)
class Periods:
    """Some consecutive periods of ``seconds`` each, the last of which has begun."""

    now: datetime
    seconds: int
    count: int

    @property
    def starts(self) -> Sequence[datetime]:
        """Start of each, the oldest first."""
        last = period_start(self.seconds, self.now)
        return [last - timedelta(seconds=self.seconds * back) for back in reversed(range(self.count))]


def history(session: Session, periods: Periods) -> Mapping[str, Sequence[int]]:
    """The values of every series that has any in these periods, in one statement."""
    starts = periods.starts
    places = {start: place for place, start in enumerate(starts)}
    found: dict[str, list[int]] = {}
    rows = session.execute(
        select(Figure.series, Figure.begins, Figure.value)
        .where(Figure.seconds == periods.seconds, Figure.begins.between(starts[0], starts[-1])))
    for series, begins, value in rows:
        found.setdefault(series, [0] * len(starts))[places[begins]] = value
    return found
