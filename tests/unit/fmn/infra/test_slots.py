from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fmn.infra.slots import slot_start
from tests.factories.messages import NOON

periods = st.integers(1, 10 ** 6)
moments = st.timedeltas(timedelta(0), timedelta(days=1000)).map(lambda since: NOON + since)


@given(periods, moments)
def test_a_period_began_less_than_its_length_ago(period: int, now: datetime) -> None:
    assert timedelta(0) <= now - slot_start(period, now) < timedelta(seconds=period)


@given(periods, moments)
def test_a_period_lasts_from_its_beginning_on(period: int, now: datetime) -> None:
    begun = slot_start(period, now)
    assert slot_start(period, begun) == begun
    assert slot_start(period, begun + timedelta(seconds=period)) == begun + timedelta(seconds=period)


def test_periods_begin_with_the_minute_and_the_hour() -> None:
    assert slot_start(3600, NOON + timedelta(minutes=59)) == NOON
    assert slot_start(60, NOON + timedelta(minutes=59, seconds=3)) == NOON + timedelta(minutes=59)
