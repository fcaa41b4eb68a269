from __future__ import annotations

import math
import time
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.irc.send_rate import SHARE, SendRateLimiter


class Moments(Event):
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0
        return self.is_set()


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    clock = Moments()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_a_newcomer_talks_slowly_and_who_was_silent_may_say_a_few_at_once(moments: Moments) -> None:
    pace = SendRateLimiter(rate=2, burst=3)
    said = []
    for pause in (0, 0, 0, 100, 0, 0, 0, 0):
        moments.now += pause
        assert pace.acquire(moments, math.inf)
        said.append(moments.now)
    assert said == [1000, 1000.5, 1001, 1101, 1101, 1101, 1101.5, 1102]


def test_there_is_no_turn_after_the_end(moments: Moments) -> None:
    pace = SendRateLimiter(rate=1, burst=1)
    assert not pace.acquire(moments, until=1000)
    assert pace.acquire(moments, until=1000.1)
    assert not pace.acquire(moments, until=1001)
    # And what wasn't taken isn't counted
    assert pace.acquire(moments, until=1001.1)


def test_nobody_waits_for_a_turn_on_a_connection_that_has_ended() -> None:
    pace, ended = SendRateLimiter(rate=0.001, burst=1), Event()
    assert pace.acquire(ended, math.inf)
    ended.set()
    assert not pace.acquire(ended, math.inf)


def test_an_answer_lets_a_delivery_go_first_but_not_for_ever() -> None:
    pace, ended = SendRateLimiter(rate=1000, burst=1000), Event()
    with pace.delivering():
        assert pace.acquire_for_reply(ended)
    assert pace.acquire_for_reply(ended)
    assert SHARE > 1


@given(
    rate=st.floats(0.1, 100), burst=st.integers(1, 10), pauses=st.lists(st.floats(0, 30), max_size=40))
def test_no_server_hears_more_than_it_bears(rate: float, burst: int, pauses: list[float]) -> None:
    clock = Moments()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic", clock)
        pace = SendRateLimiter(rate, burst)
        said = []
        for pause in pauses:
            clock.now += pause
            pace.acquire(clock, math.inf)
            said.append(clock.now)
    for first in range(len(said)):
        for last in range(first, len(said)):
            assert last - first + 1 <= burst + (said[last] - said[first]) * rate + 1e-6
