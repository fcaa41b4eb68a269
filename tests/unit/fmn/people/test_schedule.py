from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.people.models import Preference
from fmn.people.schedule import EVERY_DAY, ClockTimes, QuietPeriod, Schedule, schedule_of
from tests.factories.time_zones import ZONES, moments_in, some_quiet_hours

BERLIN = ZoneInfo("Europe/Berlin")
AT_NIGHT = QuietPeriod(time(22), time(7), BERLIN, lets_severe=True)
AT_NOON = replace(AT_NIGHT, start=time(12), stop=time(13, 30))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(("quiet", "moment", "end"), [
    (AT_NOON, "2026-05-04 11:59", None),
    (AT_NOON, "2026-05-04 12:00", "2026-05-04 13:30"),
    (AT_NOON, "2026-05-04 13:30", None),
    (AT_NIGHT, "2026-05-04 21:59", None),
    (AT_NIGHT, "2026-05-04 22:00", "2026-05-05 07:00"),
    (AT_NIGHT, "2026-05-05 06:59", "2026-05-05 07:00"),
    (AT_NIGHT, "2026-05-05 07:00", None),
    # until half past two on a day without it
    (replace(AT_NIGHT, stop=time(2, 30)), "2026-03-29 01:00", "2026-03-29 03:30"),
    # and on one that has it twice: once they've ended, they don't begin again
    (replace(AT_NIGHT, stop=time(2, 30)), "2026-10-25 02:00", "2026-10-25 02:30"),
    (replace(AT_NIGHT, stop=time(2, 30)), "2026-10-25 02:45", None),
])
def test_quiet_hours_end_by_the_clock_on_the_wall(
    quiet: QuietPeriod, moment: str, end: str | None,
) -> None:
    found = quiet.end_of(berlin(moment).astimezone(UTC))
    assert found == (None if end is None else berlin(end).astimezone(UTC))


def test_quiet_hours_that_have_ended_do_not_begin_again_when_clocks_are_put_back() -> None:
    quiet = replace(AT_NIGHT, stop=time(2, 30))
    second_quarter_past_two = berlin("2026-10-25 02:15").replace(fold=1)
    assert quiet.end_of(second_quarter_past_two.astimezone(UTC)) is None


@given(st.data())
def test_quiet_hours_end_after_a_moment_in_them_and_within_a_day_or_so(data: st.DataObject) -> None:
    zone = data.draw(ZONES)
    quiet, moment = data.draw(some_quiet_hours(zone)), data.draw(moments_in(zone))
    end = quiet.end_of(moment)
    if end is not None:
        assert moment < end <= moment + timedelta(hours=26)
        assert quiet.end_of(end - timedelta(microseconds=1)) is not None


@pytest.mark.parametrize(("rhythm", "waits"), [
    (Schedule(), False),
    (Schedule(quiet=AT_NIGHT), True),
    (Schedule(quiet=AT_NOON), False),
    (Schedule(count=2), True),
    (Schedule(seconds=60), True),
    (Schedule(clock=ClockTimes(frozenset({time(8)}), EVERY_DAY, BERLIN)), True),
])
def test_what_happens_at_night_waits_for_a_digest_or_the_morning(rhythm: Schedule, waits: bool) -> None:
    assert rhythm.is_deferred(berlin("2026-05-04 23:00"), severe=False) is waits


@pytest.mark.parametrize(("rhythm", "waits"), [
    (Schedule(quiet=AT_NIGHT), False),
    (Schedule(quiet=replace(AT_NIGHT, lets_severe=False)), True),
    # Quiet hours make nothing come sooner than it would without them
    (Schedule(seconds=60, quiet=AT_NIGHT), True),
])
def test_what_is_severe_comes_at_once_where_it_may(rhythm: Schedule, waits: bool) -> None:
    assert rhythm.is_deferred(berlin("2026-05-04 23:00"), severe=True) is waits


class TestOfAPreference:
    def test_is_at_once_unless_it_says_otherwise(self) -> None:
        assert schedule_of(Preference(clock_times=[], clock_days=[]), "UTC") == Schedule()

    def test_has_all_that_it_says(self) -> None:
        preference = Preference(
            digest_count=5, digest_seconds=60, clock_times=["08:00", "17:30"], clock_days=[0, 4],
            quiet_from=time(22), quiet_until=time(7), quiet_lets_severe=True)
        assert schedule_of(preference, "Europe/Berlin") == Schedule(
            5, 60, ClockTimes(frozenset({time(8), time(17, 30)}), frozenset({0, 4}), BERLIN), AT_NIGHT)

    @pytest.mark.parametrize("days", [[], [7, -1]])
    def test_means_every_day_where_it_names_none(self, days: list[int]) -> None:
        clock = schedule_of(Preference(clock_times=["08:00"], clock_days=days), "UTC").clock
        assert clock is not None
        assert clock.days == EVERY_DAY

    @pytest.mark.parametrize("times", [["soon"], [""], ["25:00"]])
    def test_leaves_out_times_that_are_none(self, times: list[str]) -> None:
        assert schedule_of(Preference(clock_times=times, clock_days=[]), "UTC") == Schedule()

    @pytest.mark.parametrize(("start", "stop"), [(time(22), None), (None, time(7)), (time(7), time(7))])
    def test_has_no_quiet_hours_where_they_are_no_hours(self, start: time | None, stop: time | None) -> None:
        preference = Preference(clock_times=[], clock_days=[], quiet_from=start, quiet_until=stop)
        assert schedule_of(preference, "UTC") == Schedule()
