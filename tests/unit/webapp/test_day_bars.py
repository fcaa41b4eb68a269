"""Bars of a chart by day: as high as their numbers, and nothing too small to be seen."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Severity
from fmn.ledger.day_range import DayCount
from fmn.matching.preview import SeverityDayCount
from webapp.day_bars import BarPart, bar_parts, severities_in

DAY = date(2026, 5, 14)
HEIGHT = 48


def day_of(*numbers: int) -> SeverityDayCount:
    """A day with so many messages of each severity."""
    return SeverityDayCount(DAY, sum(numbers), dict(zip(Severity, numbers, strict=True)))


def test_a_day_without_severities_is_one_bar() -> None:
    (whole,), (half,) = bar_parts(DayCount(DAY, 10), 10, HEIGHT), bar_parts(DayCount(DAY, 5), 10, HEIGHT)

    assert whole.kind == half.kind == "bar"
    assert (whole.height, half.height) == (HEIGHT, HEIGHT / 2)
    assert whole.top + whole.height == half.top + half.height == HEIGHT


def test_a_day_without_messages_is_a_line_at_the_bottom() -> None:
    assert list(bar_parts(DayCount(DAY, 0), 10, HEIGHT)) == [BarPart("bar none", 47, 1)]


def test_parts_together_are_as_high_as_their_number_is() -> None:
    parts = bar_parts(day_of(1, 40, 8, 1), 100, HEIGHT)
    assert sum(part.height for part in parts) == pytest.approx(HEIGHT / 2, abs=0.2)


def test_severities_are_those_of_any_day() -> None:
    assert severities_in([day_of(1, 0, 0, 0), day_of(0, 0, 0, 2)]) == [Severity.ERROR, Severity.DEBUG]
    assert severities_in([DayCount(DAY, 3)]) == []


def test_the_worst_is_on_top_and_is_seen_among_thousands() -> None:
    info, error = bar_parts(day_of(0, 9_999, 0, 1), 10_000, HEIGHT)

    assert (info.kind, error.kind) == ("bar info", "bar error")
    assert error.top < info.top
    assert error.height >= 1


@given(st.lists(st.tuples(*[st.integers(0, 10_000)] * 4), min_size=1))
def test_parts_stand_on_each_other_within_the_chart(days: list[tuple[int, int, int, int]]) -> None:
    most = max(1, *map(sum, days))
    for numbers in days:
        parts = bar_parts(day_of(*numbers), most, HEIGHT)

        assert parts[0].top + parts[0].height == HEIGHT
        assert all(abs(upper.top + upper.height - lower.top) < 0.01
                   for lower, upper in pairwise(parts))
        assert parts[-1].top >= -0.2  # rounded, four times
