from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.digests.due_times import NextDigest, is_due, next_due
from fmn.digests.scheduled_times import next_scheduled_time
from fmn.people.schedule import EVERY_DAY, ClockTimes, QuietPeriod, Schedule
from tests.factories.messages import NOON
from tests.factories.time_zones import ZONES, moments_in, some_clock_times, some_quiet_hours
from tests.hypothesis_profiles import scaled

UTC = ZoneInfo("UTC")
A_MOMENT = timedelta(microseconds=1)
A_MINUTE = timedelta(minutes=1)
#: Rarer than the scheduler's, but far more often than anything is due.
BETWEEN_LOOKS = timedelta(minutes=23)
EIGHT = ClockTimes(frozenset({time(8)}), EVERY_DAY, UTC)
AT_NIGHT = QuietPeriod(time(22), time(7), UTC, lets_severe=True)

moments = st.integers(0, 10 ** 7).map(lambda seconds: NOON + timedelta(seconds=seconds))
rhythms = ZONES.flatmap(lambda zone: st.builds(
    Schedule, count=st.none() | st.integers(2, 100), seconds=st.none() | st.integers(1, 10 ** 6),
    clock=st.none() | some_clock_times(zone), quiet=st.none() | some_quiet_hours(zone),
    paused_until=st.none() | moments))
some_waiting = st.builds(
    NextDigest, preference_id=st.just(1), enabled=st.booleans(), rhythm=rhythms, count=st.integers(0, 200),
    first_at=moments, severe=st.booleans(), closed_at=st.none() | moments)
QUARTER_OF_AN_HOUR = timedelta(minutes=15)
some_throttled = st.builds(
    lambda waiting,
    quiet: replace(waiting, rhythm=Schedule(quiet=quiet), throttling_interval=QUARTER_OF_AN_HOUR),
    some_waiting, ZONES.flatmap(lambda zone: st.none() | some_quiet_hours(zone)))


def some_of(rhythm: Schedule, count: int = 1, *, severe: bool = False) -> NextDigest:
    """Some that wait since noon, for somebody with this rhythm."""
    return NextDigest(1, enabled=True, rhythm=rhythm, count=count, first_at=NOON, severe=severe)


def at(clock: str, days: int = 0) -> datetime:
    """The time of the day of :data:`NOON`, or so many days later."""
    return datetime.combine(NOON.date() + timedelta(days=days), time.fromisoformat(clock), UTC)


@pytest.mark.parametrize(("count", "due"), [(1, False), (2, False), (3, True), (4, True)])
def test_is_due_when_enough_wait(count: int, due: bool) -> None:
    assert is_due(some_of(Schedule(count=3), count), NOON) is due


@pytest.mark.parametrize(("seconds", "due"), [(0, False), (59, False), (60, True), (10 ** 9, True)])
def test_is_due_when_the_first_has_waited_long_enough(seconds: int, due: bool) -> None:
    assert is_due(some_of(Schedule(seconds=60)), NOON + timedelta(seconds=seconds)) is due


@pytest.mark.parametrize(("now", "due"), [
    (at("12:00"), False), (at("07:59", 1), False), (at("08:00", 1), True), (at("08:00", 5), True)])
def test_is_due_at_the_first_due_time_after_the_first_came_in(now: datetime, due: bool) -> None:
    assert is_due(some_of(Schedule(clock=EIGHT)), now) is due


@pytest.mark.parametrize(("closed_at", "due"), [
    (None, at("12:02")), (at("11:00"), at("12:02")), (at("11:58"), at("12:13")),
])
def test_throttling_is_due_soon_and_then_at_its_pace(closed_at: datetime | None, due: datetime) -> None:
    flood = replace(some_of(Schedule(), 100), throttling_interval=QUARTER_OF_AN_HOUR, closed_at=closed_at)
    assert next_due(flood, NOON) == due
    # and quiet hours hold that up, unless something severe is in it
    quiet = replace(
        flood, rhythm=Schedule(quiet=QuietPeriod(time(12, 1), time(12, 30), UTC, lets_severe=True)))
    assert next_due(quiet, NOON) == at("12:30")
    assert next_due(replace(quiet, severe=True), NOON) == due


def test_is_due_at_once_when_digests_were_switched_off() -> None:
    assert is_due(some_of(Schedule()), NOON)


@pytest.mark.parametrize("rhythm", [Schedule(seconds=60), Schedule(quiet=AT_NIGHT)])
def test_is_due_at_once_when_the_context_was_switched_off(rhythm: Schedule) -> None:
    assert is_due(replace(some_of(rhythm), enabled=False), at("23:00"))


def test_a_straggler_of_a_due_time_that_had_its_digest_waits_for_the_next_one() -> None:
    # Given a notification of just before eight that a slow matcher committed after the digest of eight
    straggler = replace(some_of(Schedule(clock=EIGHT)), first_at=at("07:59", 1), closed_at=at("08:00", 1))
    # Then it doesn't get one of its own
    assert not is_due(straggler, at("08:01", 1))
    assert next_due(straggler, at("08:01", 1)) == at("08:00", 2)


class TestInQuietHours:
    @pytest.mark.parametrize(
        "rhythm", [Schedule(), Schedule(count=2), Schedule(seconds=60), Schedule(clock=replace(
        EIGHT, times=frozenset({time(3)})))])
    def test_what_is_due_waits_until_they_end(self, rhythm: Schedule) -> None:
        waiting = some_of(replace(rhythm, quiet=AT_NIGHT), count=2)
        assert not is_due(waiting, at("22:00"))
        assert not is_due(waiting, at("06:59", 1))
        assert is_due(waiting, at("07:00", 1))

    @pytest.mark.parametrize("lets_severe", [True, False])
    def test_what_is_severe_waits_only_where_that_is_wanted(self, lets_severe: bool) -> None:
        quiet = replace(AT_NIGHT, lets_severe=lets_severe)
        waiting = some_of(Schedule(seconds=60, quiet=quiet), severe=True)
        assert is_due(waiting, at("23:00")) is lets_severe
        # but no sooner than without quiet hours
        assert not is_due(replace(waiting, first_at=at("23:00")), at("23:00"))


@pytest.mark.parametrize(("rhythm", "now", "due"), [
    (Schedule(), at("12:00"), at("12:00")),
    (Schedule(quiet=AT_NIGHT), at("23:00"), at("07:00", 1)),
    (Schedule(seconds=3600), at("12:10"), at("13:00")),
    (Schedule(seconds=3600), at("15:00"), at("15:00")),
    (Schedule(seconds=3600 * 12, quiet=AT_NIGHT), at("12:10"), at("07:00", 1)),
    (Schedule(count=2), at("12:10"), None),
    (Schedule(count=2, clock=EIGHT), at("12:10"), at("08:00", 1)),
])
def test_next_due_says_when_it_goes_out_if_nothing_more_comes(
    rhythm: Schedule, now: datetime, due: datetime | None,
) -> None:
    assert next_due(some_of(rhythm), now) == due


@given(some_waiting, moments)
def test_is_never_due_when_nothing_waits(waiting: NextDigest, now: datetime) -> None:
    nothing = replace(waiting, count=0)
    assert not is_due(nothing, now)
    assert next_due(nothing, now) is None


@given(some_waiting | some_throttled, moments)
def test_next_due_is_the_first_moment_from_now_on_when_it_is_due(waiting: NextDigest, now: datetime) -> None:
    due = next_due(waiting, now)
    if due is None:
        assert not is_due(waiting, now)
    else:
        assert due >= now
        assert is_due(waiting, due)
        assert due == now or not is_due(waiting, due - A_MOMENT)
        assert is_due(waiting, now) == (due == now)


@given(some_waiting | some_throttled, moments, moments)
def test_stays_due_as_time_passes_but_for_quiet_hours(
    waiting: NextDigest, one: datetime, other: datetime,
) -> None:
    earlier, later = sorted([one, other])
    quiet = waiting.enabled and waiting.rhythm.quiet_until(later, severe=waiting.severe)
    assert quiet or is_due(waiting, later) or not is_due(waiting, earlier)


@given(some_waiting | some_throttled, moments, st.integers(0, 50))
def test_stays_due_as_more_comes_in(waiting: NextDigest, now: datetime, more: int) -> None:
    fuller = replace(waiting, count=waiting.count + more)
    assert is_due(fuller, now) or not is_due(waiting, now)


@given(some_waiting, moments)
def test_wants_only_what_the_preference_says(waiting: NextDigest, now: datetime) -> None:
    # Whichever comes first: all limits together are due when any of them alone is
    rhythm = waiting.rhythm
    if rhythm.is_batched:
        alone = [
            Schedule(quiet=rhythm.quiet, paused_until=rhythm.paused_until, **{limit: getattr(rhythm, limit)})
            for limit in ("count", "seconds", "clock") if getattr(rhythm, limit) is not None
        ]
        assert is_due(waiting, now) == any(is_due(replace(waiting, rhythm=one), now) for one in alone)


@given(some_waiting | some_throttled, moments)
def test_nothing_is_due_in_a_pause_and_all_that_came_before_its_end_is_due_then(
    waiting: NextDigest, end: datetime,
) -> None:
    paused = replace(waiting, rhythm=replace(waiting.rhythm, paused_until=end, quiet=None))
    if waiting.enabled:
        assert not is_due(paused, end - A_MOMENT)
    if waiting.count and waiting.first_at < end and waiting.throttling_interval is None:
        assert is_due(paused, end)


@dataclass
class Days:
    """Some days of somebody's digests: what comes in, and what each look at it closes, in a list each."""

    rhythm: Schedule
    #: When notifications are made and, behind a slow matcher, appear.
    coming: list[tuple[datetime, datetime]]
    looks: list[datetime]
    closed: list[tuple[datetime, list[datetime]]] = field(default_factory=list)

    def pass_by(self) -> None:
        """Look at what waits, again and again."""
        left = sorted(self.coming)
        for now in self.looks:
            here = [one for one in left if one[1] <= now]
            if here and is_due(self._waiting([made_at for made_at, _ in here]), now):
                self.closed.append((now, [made_at for made_at, _ in here]))
                left = [one for one in left if one not in here]
        assert not left, "something never goes out"

    def _waiting(self, made_at: list[datetime]) -> NextDigest:
        closed_at = self.closed[-1][0] if self.closed else None
        return NextDigest(1, enabled=True, rhythm=self.rhythm, count=len(made_at), first_at=min(made_at),
                       closed_at=closed_at)


def _left_by(hours: QuietPeriod) -> timedelta:
    """How much of a day isn't quiet."""
    start, stop = (timedelta(hours=each.hour, minutes=each.minute) for each in (hours.start, hours.stop))
    return (start - stop) % timedelta(days=1)


@st.composite
def some_days(draw: st.DrawFn) -> Days:
    """Days around a change of the clocks, with a scheduler that looks often, but for when it's down."""
    zone = draw(ZONES)
    # The scheduler of these days looks more seldom than a real one: hours that leave it less than that would
    # never be over when it looks. Clocks may take two hours of a day.
    quiet = draw(st.none() | some_quiet_hours(zone).filter(lambda hours: _left_by(hours) > BETWEEN_LOOKS * 7))
    rhythm = Schedule(clock=draw(some_clock_times(zone)), quiet=quiet)
    made = draw(st.lists(moments_in(zone), min_size=1, max_size=12, unique=True))
    coming = [(moment, moment + timedelta(seconds=draw(st.sampled_from([0, 0, 5, 4000])))) for moment in made]
    start, end = min(made), max(made) + timedelta(days=20)
    downtimes = draw(st.lists(st.tuples(moments_in(zone), st.integers(1, 5000)), max_size=3))
    looks = [start + BETWEEN_LOOKS * number for number in range((end - start) // BETWEEN_LOOKS)]
    return Days(rhythm, coming, [now for now in looks if not any(
        down <= now < down + minutes * A_MINUTE for down, minutes in downtimes)])


@given(some_days())
@settings(max_examples=scaled(40), deadline=None)
def test_each_due_time_has_one_digest_whatever_the_scheduler_does(days: Days) -> None:
    clock = days.rhythm.clock
    assert clock is not None
    # When the days pass by
    days.pass_by()
    # Then everything goes out, once
    sent = [made_at for _, digest in days.closed for made_at in digest]
    assert sorted(sent) == sorted(made_at for made_at, _ in days.coming)
    # never before its due time, never in quiet hours, and at the first look after it that isn't
    for now, digest in days.closed:
        assert next_scheduled_time(clock, min(digest)) <= now
        assert days.rhythm.quiet_until(now) is None
    # and no two digests without a due time between them
    for (earlier, _), (later, _) in pairwise(days.closed):
        assert next_scheduled_time(clock, earlier) <= later


@given(some_days())
@settings(max_examples=scaled(40), deadline=None)
def test_no_due_time_is_skipped(days: Days) -> None:
    clock = days.rhythm.clock
    assert clock is not None
    days.pass_by()
    closed_at = [now for now, _ in days.closed]
    for made_at, appeared_at in days.coming:
        # What was there at its due time, or appeared before that had its digest, goes out at the first look
        due = max(next_scheduled_time(clock, made_at), appeared_at)
        look = next(now for now in days.looks if now >= due and days.rhythm.quiet_until(now) is None)
        sent_at = next(now for now, digest in days.closed if made_at in digest)
        if sent_at > look:
            # unless that due time had one already
            assert any(next_scheduled_time(clock, made_at) <= earlier < sent_at for earlier in closed_at)
            assert sent_at <= next(
                now for now in days.looks if now >= next_scheduled_time(clock, due)
                and days.rhythm.quiet_until(now) is None)
