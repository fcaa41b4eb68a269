from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.digests.due import Waiting, is_due
from tests.factories.messages import NOON

ONE = Waiting(
    preference_id=1, enabled=True, digest_count=None, digest_seconds=None, count=1, first_at=NOON)

moments = st.integers(0, 10 ** 7).map(lambda seconds: NOON + timedelta(seconds=seconds))
some_waiting = st.builds(
    Waiting, preference_id=st.just(1), enabled=st.booleans(), digest_count=st.none() | st.integers(2, 100),
    digest_seconds=st.none() | st.integers(1, 10 ** 6), count=st.integers(0, 200), first_at=moments)


@pytest.mark.parametrize(("count", "due"), [(1, False), (2, False), (3, True), (4, True)])
def test_is_due_when_enough_wait(count: int, due: bool) -> None:
    assert is_due(replace(ONE, digest_count=3, count=count), NOON) is due


@pytest.mark.parametrize(("seconds", "due"), [(0, False), (59, False), (60, True), (10 ** 9, True)])
def test_is_due_when_the_first_has_waited_long_enough(seconds: int, due: bool) -> None:
    assert is_due(replace(ONE, digest_seconds=60), NOON + timedelta(seconds=seconds)) is due


def test_is_due_at_once_when_digests_were_switched_off() -> None:
    assert is_due(ONE, NOON)


def test_is_due_at_once_when_the_context_was_switched_off() -> None:
    assert is_due(replace(ONE, enabled=False, digest_seconds=60), NOON)


@given(some_waiting, moments)
def test_is_never_due_when_nothing_waits(waiting: Waiting, now: datetime) -> None:
    assert not is_due(replace(waiting, count=0), now)


@given(some_waiting, moments, moments)
def test_stays_due_as_time_passes(waiting: Waiting, one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    assert is_due(waiting, later) or not is_due(waiting, earlier)


@given(some_waiting, moments, st.integers(0, 50))
def test_stays_due_as_more_comes_in(waiting: Waiting, now: datetime, more: int) -> None:
    fuller = replace(waiting, count=waiting.count + more)
    assert is_due(fuller, now) or not is_due(waiting, now)


@given(some_waiting, moments)
def test_wants_only_what_the_preference_says(waiting: Waiting, now: datetime) -> None:
    # Whichever comes first: both limits together are due when either alone is
    if waiting.digest_count and waiting.digest_seconds:
        by_count = is_due(replace(waiting, digest_seconds=None), now)
        by_time = is_due(replace(waiting, digest_count=None), now)
        assert is_due(waiting, now) == (by_count or by_time)
