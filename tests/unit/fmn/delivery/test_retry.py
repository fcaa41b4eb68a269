from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.retry import RetryPolicy
from tests.factories.messages import NOON

POLICY = RetryPolicy()
A_FIFTH = 0.2

attempts = st.integers(1, 10_000)
spans = st.integers(1, 10 ** 10).map(lambda milliseconds: timedelta(milliseconds=milliseconds))


def wait_after(attempt: int, policy: RetryPolicy = POLICY) -> timedelta:
    again = policy.next_attempt(attempt, NOON, NOON)
    assert again is not None
    return again - NOON


@pytest.mark.parametrize(("attempt", "seconds"), [
    (1, 30), (2, 60), (3, 120), (10, 15_360), (11, 6 * 3600), (12, 6 * 3600), (10_000, 6 * 3600)])
def test_waits_twice_as_long_each_time_up_to_six_hours(attempt: int, seconds: int) -> None:
    for _ in range(100):
        assert 0.8 * seconds <= wait_after(attempt).total_seconds() <= 1.2 * seconds


def test_spreads_what_failed_together() -> None:
    waits = {wait_after(1) for _ in range(100)}
    assert len(waits) > 90
    assert max(waits) - min(waits) > timedelta(seconds=6)


@given(attempts, spans, spans)
def test_stays_within_a_fifth_of_its_limits(attempt: int, first: timedelta, longest: timedelta) -> None:
    wait = wait_after(attempt, RetryPolicy(first=first, longest=longest))
    assert min(first, longest) * (1 - A_FIFTH) * 0.999 <= wait <= longest * (1 + A_FIFTH) * 1.001


@given(attempts, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_waits_for_as_long_as_it_is_asked_to_within_its_limits(attempt: int, asked: timedelta) -> None:
    again = POLICY.next_attempt(attempt, NOON, NOON, asked)
    assert again is not None
    assert min(asked, POLICY.longest) <= again - NOON <= POLICY.longest * 1.4


@given(attempts, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_gives_up_when_five_days_have_passed(attempt: int, age: timedelta) -> None:
    again = POLICY.next_attempt(attempt, NOON, NOON + age)
    assert (again is None) == (age >= timedelta(days=5))


@given(attempts, st.timedeltas(timedelta(0), timedelta(days=4)))
def test_never_tries_again_in_the_past(attempt: int, age: timedelta) -> None:
    again = POLICY.next_attempt(attempt, NOON, NOON + age)
    assert again is not None
    assert again > NOON + age


def test_tries_for_five_days_before_it_gives_up() -> None:
    # Given something that fails each time
    now: datetime | None = NOON
    tried = []
    # When it's tried whenever the policy says so
    while now is not None:
        tried.append(now)
        now = POLICY.next_attempt(len(tried), NOON, now)
    # Then it's given up after five days and some thirty attempts, the last ones hours apart
    assert timedelta(days=5) <= tried[-1] - NOON <= timedelta(days=5, hours=7.2)
    assert 25 <= len(tried) <= 40
