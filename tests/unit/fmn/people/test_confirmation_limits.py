from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.errors import AttemptLimitError
from fmn.people.confirmations import check_rate_limit, retry_in_text
from tests.factories.messages import NOON

HOUR = timedelta(hours=1)


@given(st.lists(st.integers(0, 7_200), max_size=8), st.integers(1, 4))
def test_it_goes_again_exactly_when_there_are_fewer_within_the_span(ago: list[int], most: int) -> None:
    latest = [NOON - timedelta(seconds=seconds) for seconds in sorted(ago)]
    lately = [moment for moment in latest if moment > NOON - HOUR]
    if len(lately) < most:
        check_rate_limit(latest, most, HOUR, NOON, "Enough")
        return
    with pytest.raises(AttemptLimitError) as refused:
        check_rate_limit(latest, most, HOUR, NOON, "Enough")
    again = refused.value.retry_at
    assert len([moment for moment in latest if moment > again - HOUR]) < most
    check_rate_limit(latest, most, HOUR, again, "Enough")


def test_it_says_when_it_goes_again() -> None:
    with pytest.raises(AttemptLimitError, match=r"^Enough tests were sent\. Try again in 25 minutes\.$"):
        check_rate_limit(
            [NOON - timedelta(minutes=35)], 1, HOUR, NOON, "Enough tests were sent. Try again in {wait}.")


@pytest.mark.parametrize(("wait", "words"), [
    (timedelta(milliseconds=1), "1 minute"), (timedelta(seconds=61), "2 minutes"),
    (timedelta(minutes=60), "1 hour"), (timedelta(minutes=61), "2 hours"),
    (timedelta(hours=23, minutes=59), "1 day"),
])
def test_a_wait_is_said_rather_too_long_than_too_short(wait: timedelta, words: str) -> None:
    assert retry_in_text(wait) == words
