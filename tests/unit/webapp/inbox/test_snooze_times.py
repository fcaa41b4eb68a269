"""Ends of snoozes in the reader's calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.inbox.snooze_times import SnoozeSpan, snooze_offers, snoozed_until

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("now", "span", "until"), [
    ("2026-11-27 08:00", SnoozeSpan.LATER, "2026-11-27 11:00"),
    ("2026-11-27 23:30", SnoozeSpan.LATER, "2026-11-28 02:30"),
    ("2026-11-27 23:30", SnoozeSpan.TOMORROW, "2026-11-28 09:00"),
    ("2026-11-28 00:30", SnoozeSpan.TOMORROW, "2026-11-29 09:00"),
    ("2026-11-27 08:00", SnoozeSpan.MONDAY, "2026-11-30 09:00"),  # from a Friday
    ("2026-11-27 08:00", SnoozeSpan.WEEK, "2026-12-04 09:00"),
    ("2026-11-30 08:00", SnoozeSpan.MONDAY, "2026-12-07 09:00"),  # from a Monday
    ("2026-03-28 12:00", SnoozeSpan.TOMORROW, "2026-03-29 09:00"),  # an hour less of night
])
def test_ends_in_the_morning_where_somebody_lives(now: str, span: SnoozeSpan, until: str) -> None:
    at, end = (datetime.fromisoformat(each).replace(tzinfo=BERLIN) for each in (now, until))
    assert snoozed_until(span, at, BERLIN) == end


def test_offers_each_span_with_its_end() -> None:
    now = datetime(2026, 11, 27, 8, tzinfo=BERLIN)
    assert [(each.words, each.until) for each in snooze_offers(now, BERLIN)] == [
        ("Later today", "today at 11:00"), ("Tomorrow morning", "tomorrow at 09:00"),
        ("Next Monday morning", "Monday at 09:00"), ("In a week", "4 December at 09:00")]


@given(
    st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(SnoozeSpan), st.sampled_from(["UTC", "Pacific/Kiritimati", "America/New_York"]))
def test_ends_later_and_within_eight_days(now: datetime, span: SnoozeSpan, zone: str) -> None:
    left = snoozed_until(span, now, ZoneInfo(zone)) - now
    assert 0 < left.total_seconds() < 8 * 24 * 3600
