from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.irc.reply_rate import ReplyRateLimiter


class Clock:
    """Seconds that a test lets go by."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_few_at_once_then_one_every_so_many_seconds() -> None:
    clock = Clock()
    allowance = ReplyRateLimiter(burst=3, seconds=10, clock=clock)
    assert [allowance.allows("alice") for _ in range(5)] == [True, True, True, False, False]
    clock.now += 9
    assert not allowance.allows("alice")
    clock.now += 1
    assert [allowance.allows("alice") for _ in range(2)] == [True, False]
    clock.now += 1000
    assert [allowance.allows("alice") for _ in range(4)] == [True, True, True, False]


def test_one_does_not_use_up_what_another_may() -> None:
    allowance = ReplyRateLimiter(burst=1, seconds=10, clock=Clock())
    assert allowance.allows("alice")
    assert not allowance.allows("alice")
    assert allowance.allows("bob")


def test_only_those_who_asked_last_are_remembered() -> None:
    allowance = ReplyRateLimiter(burst=1, seconds=10, most=2, clock=Clock())
    assert all(allowance.allows(who) for who in ("alice", "bob", "carol"))
    assert not allowance.allows("bob")
    assert not allowance.allows("carol")
    assert allowance.allows("alice")


@given(
    burst=st.integers(1, 5), seconds=st.floats(0.1, 100),
    pauses=st.lists(st.floats(0, 50), max_size=60))
def test_never_more_than_the_burst_and_what_came_back(
    burst: int, seconds: float, pauses: list[float],
) -> None:
    # Whenever somebody asks
    clock = Clock()
    allowance = ReplyRateLimiter(burst, seconds, clock=clock)
    taken: list[float] = []
    for pause in pauses:
        clock.now += pause
        if allowance.allows():
            taken.append(clock.now)
    # Then in no stretch of time they may more often than that allows
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            elapsed = taken[last] - taken[first]
            assert last - first + 1 <= burst + elapsed / seconds + 1e-6
    assert all(earlier <= later for earlier, later in pairwise(taken))
