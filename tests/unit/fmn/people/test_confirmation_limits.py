from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.people.limits import check_limit, waiting
from fmn.people.refusals import LimitError
from tests.factories.messages import NOON

HOUR = timedelta(hours=1)


@given(st.lists(st.integers(0, 7_200), max_size=8), st.integers(1, 4))
def test_it_goes_again_exactly_when_there_are_fewer_within_the_span(ago: list[int], most: int) -> None:
    latest = [NOON - timedelta(seconds=seconds) for seconds in sorted(ago)]
    lately = [moment for moment in latest if moment > NOON - HOUR]
    if len(lately) < most:
        check_limit(latest, most, HOUR, NOON, "Enough")
        return
    with pytest.raises(LimitError) as refused:
        check_limit(latest, most, HOUR, NOON, "Enough")
    again = refused.value.again
    assert len([moment for moment in latest if moment > again - HOUR]) < most
    check_limit(latest, most, HOUR, again, "Enough")


def test_it_says_when_it_goes_again() -> None:
    with pytest.raises(LimitError, match=r"^Enough tests were sent\. It goes again in 25 minutes\.$"):
        check_limit([NOON - timedelta(minutes=35)], 1, HOUR, NOON, "Enough tests were sent")


@pytest.mark.parametrize(("wait", "words"), [
    (timedelta(milliseconds=1), "1 minute"), (timedelta(seconds=61), "2 minutes"),
    (timedelta(minutes=60), "1 hour"), (timedelta(minutes=61), "2 hours"),
    (timedelta(hours=23, minutes=59), "1 day"),
])
def test_a_wait_is_said_rather_too_long_than_too_short(wait: timedelta, words: str) -> None:
    assert waiting(wait) == words
