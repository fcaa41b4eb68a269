from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fmn.infra.clock import REFRESH_SECONDS, SharedClock
from tests.factories.messages import NOON

SECOND = timedelta(seconds=1)


class Elsewhere:
    """A host with a clock, which may be away, and the seconds that pass here."""

    def __init__(self) -> None:
        self.time, self.passed, self.asked = NOON, 100.0, 0
        self.away = False

    def read(self) -> datetime:
        self.asked += 1
        if self.away:
            raise ConnectionError
        return self.time

    def elapsed(self) -> float:
        return self.passed


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def clock(elsewhere: Elsewhere) -> SharedClock:
    return SharedClock(elsewhere.read, elsewhere.elapsed)


def test_it_goes_on_between_two_looks(clock: SharedClock, elsewhere: Elsewhere) -> None:
    assert clock.now() == NOON
    elsewhere.passed += 7
    assert clock.now() == NOON + 7 * SECOND
    assert elsewhere.asked == 1


def test_it_looks_again(clock: SharedClock, elsewhere: Elsewhere) -> None:
    clock.now()
    # When the other clock is set, then we follow soon
    elsewhere.time -= timedelta(hours=2)
    elsewhere.passed += REFRESH_SECONDS
    assert clock.now() == NOON - timedelta(hours=2)


def test_it_goes_on_without_the_other_one(clock: SharedClock, elsewhere: Elsewhere) -> None:
    clock.now()
    elsewhere.away = True
    elsewhere.passed += REFRESH_SECONDS
    # When the other one is away, then we know the time all the same, and don't ask with each question
    assert clock.now() == clock.now() == NOON + REFRESH_SECONDS * SECOND
    assert elsewhere.asked == 2
    elsewhere.passed += REFRESH_SECONDS - 1
    assert clock.now() == NOON + (2 * REFRESH_SECONDS - 1) * SECOND
    assert elsewhere.asked == 2


def test_who_never_knew_the_time_says_so(clock: SharedClock, elsewhere: Elsewhere) -> None:
    elsewhere.away = True
    with pytest.raises(ConnectionError):
        clock.now()


def test_it_goes_on_from_what_came_with_another_answer(clock: SharedClock, elsewhere: Elsewhere) -> None:
    clock.now()
    # Given a machine that was paused, so that no second passed here
    later = NOON + timedelta(minutes=5)
    # When it's told the time, then it knows
    clock.advance_to(later)
    elsewhere.passed += 1
    assert clock.now() == later + SECOND
    # And an answer that took its time changes nothing
    clock.advance_to(later)
    assert clock.now() == later + SECOND
    assert elsewhere.asked == 1


def test_who_was_told_the_time_does_not_ask(clock: SharedClock, elsewhere: Elsewhere) -> None:
    clock.advance_to(NOON)
    assert clock.now() == NOON
    assert elsewhere.asked == 0
