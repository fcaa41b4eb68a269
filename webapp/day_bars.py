"""Geometry of a chart with a bar per day, stacked by severity where days say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from fmn.catalog import Severity
from fmn.ledger.day_range import DayCount
from fmn.matching.preview import SeverityDayCount

#: Height of the chart, in units of its picture.
BARS_HEIGHT: Final = 48.0
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


def severities_in(days: Sequence[DayCount]) -> Sequence[Severity]:
    """The severities of which there are any, the worst first. None if days don't say them."""
    counted = [day.by_severity for day in days if isinstance(day, SeverityDayCount)]
    return [level for level in reversed(Severity) if any(each[level] for each in counted)]


def _counts(day: DayCount) -> Sequence[tuple[str, int]]:
    if not isinstance(day, SeverityDayCount):
        return [("bar", day.messages)]
    return [(f"bar {level}", day.by_severity[level]) for level in Severity if day.by_severity[level]]


def _stacked(counts: Sequence[tuple[str, int]], most: int, height: float) -> Iterator[BarPart]:
    """The parts, together as high as their number is, unless all of them are as low as they may be."""
    least = LEAST * len(counts)
    whole = max(least, height * sum(messages for _, messages in counts) / most)
    above = [max(0.0, height * messages / most - LEAST) for _, messages in counts]
    share = (whole - least) / (sum(above) or 1)
    bottom = height
    for (kind, _), more in zip(counts, above, strict=True):
        tall = round(LEAST + more * share, 1)
        bottom = round(bottom - tall, 1)
        yield BarPart(kind, bottom, tall)
