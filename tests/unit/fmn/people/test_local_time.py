from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.people.local_time import utc_of_local_time, zone_or_utc


@pytest.mark.parametrize(("day", "clock", "expected"), [
    (date(2026, 1, 1), time(8), datetime(2026, 1, 1, 7, tzinfo=UTC)),
    (date(2026, 7, 1), time(8), datetime(2026, 7, 1, 6, tzinfo=UTC)),
    # doesn't exist: clocks go from two to three, and show half past three
    (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    # comes twice: clocks go from three to two, and the first one counts, whichever is said
    (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    (date(2026, 10, 25), time(2, 30, fold=1), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
])
def test_clocks_on_walls_in_berlin(day: date, clock: time, expected: datetime) -> None:
    assert utc_of_local_time(day, clock, zone_or_utc("Europe/Berlin")) == expected


@given(st.text() | st.sampled_from(["", "/etc/passwd", "../zoneinfo/UTC", "Mars/Olympus", "Europe", "\0"]))
def test_a_zone_that_is_none_is_utc(name: str) -> None:
    assert zone_or_utc(name).key in {name, "UTC"}
