"""Times as people are told them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fmn.delivery.notification_text import clock, day_of, in_time_zone, minute, period

EVENING = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("zone", "time"), [
    ("UTC", "2026-03-14 22:30 UTC"), ("Europe/Prague", "2026-03-14 23:30 CET"),
    ("Asia/Kathmandu", "2026-03-15 04:15 UTC+0545"), ("Mars/Base", "2026-03-14 22:30 UTC")])
def test_a_time_is_the_readers(zone: str, time: str) -> None:
    with in_time_zone(zone):
        assert minute(EVENING) == time
    assert minute(EVENING) == "2026-03-14 22:30 UTC"


def test_a_day_begins_where_the_reader_is() -> None:
    with in_time_zone("Asia/Tokyo"):
        assert (day_of(EVENING).day, clock(EVENING)) == (15, "07:30")


@pytest.mark.parametrize(("zone", "hours", "words"), [
    ("UTC", 0, "2026-03-14 22:30 UTC"),
    ("UTC", 1, "2026-03-14 22:30 to 23:30 UTC"),
    ("Europe/Prague", 1, "2026-03-14 23:30 to 2026-03-15 00:30 CET"),
    # Clocks go forward in between
    ("Europe/Prague", 24 * 15, "2026-03-14 23:30 CET to 2026-03-30 00:30 CEST")])
def test_a_period_says_no_more_than_it_has_to(zone: str, hours: int, words: str) -> None:
    with in_time_zone(zone):
        assert period([EVENING, EVENING + hours * HOUR]) == words
