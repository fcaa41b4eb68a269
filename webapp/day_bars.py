"""Geometry of a chart with a bar per day, stacked by severity where days say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from fmn.catalog import Severity
from fmn.ledger.day_range import DayCount
from fmn.matching.preview import SeverityDayCount

#: Least height of a part that isn't empty: an error among thousands of messages is to be seen.
LEAST: Final = 1.5


class BarPart(NamedTuple):
    """A part of a bar: its CSS class, its upper edge and its height."""

    kind: str
    top: float
    height: float


def bar_parts(day: DayCount, most: int, height: float) -> Sequence[BarPart]:
    """The parts of a day's bar from bottom to top, in a chart where ``most`` messages are ``height`` high.

    The worst is on top. A day without messages has a line at the bottom.
    """
    if not day.messages:
        return [BarPart("bar none", height - 1, 1)]
    return list(_stacked(_counts(day), most, height))


def _counts(day: DayCount) -> Sequence[tuple[str, int]]:
    if not isinstance(day, SeverityDayCount):
        return [("bar", day.messages)]
    return [(f"bar {level}", day.by_severity[level]) for level in Severity if day.by_severity[level]]


def _stacked(counts: Sequence[tuple[str, int]], most: int, height: float) -> Iterator[BarPart]:
    room, bottom = height - 1 - LEAST * len(Severity), height
    for kind, messages in counts:
        tall = round(LEAST + room * messages / most, 1)
        bottom = round(bottom - tall, 1)
        yield BarPart(kind, bottom, tall)
