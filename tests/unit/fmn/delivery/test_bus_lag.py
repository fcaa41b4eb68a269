"""What is said of messages that came late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmn.delivery.bus_lag import NO_LAG, bus_lag, lag_sentence, lag_summary
from tests.factories.messages import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("passed", "said"), [
    (timedelta(minutes=-5), ""),  # the publisher's clock is fast
    (timedelta(minutes=14), ""),
    (timedelta(minutes=15), "FMN received this 15 minutes late."),
    (timedelta(minutes=119), "FMN received this 119 minutes late."),
    (timedelta(hours=3, minutes=10), "FMN received this 3 hours late."),
    (timedelta(days=2, hours=9), "FMN received this 2 days late."),
])
def test_one_message(passed: timedelta, said: str) -> None:
    assert lag_sentence(bus_lag(NOON, NOON + passed)) == said


def test_several_messages() -> None:
    assert lag_summary([NO_LAG, NO_LAG]) == ""
    assert lag_summary([3 * HOUR]) == "FMN received this 3 hours late."
    assert lag_summary([3 * HOUR, HOUR]) == "FMN heard of these late, by up to 3 hours."
    assert lag_summary([3 * HOUR, NO_LAG, HOUR]) == "FMN heard of 2 of these late, by up to 3 hours."
    assert lag_summary([]) == ""
