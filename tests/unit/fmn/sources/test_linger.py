from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fmn.sources.linger import Linger

PAUSE = 8.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_batch_and_one_after_a_pause_do_not_wait() -> None:
    clock = Clock()
    linger = Linger(PAUSE, clock)
    assert linger.remaining() == 0
    linger.end()
    clock.now += PAUSE
    assert linger.remaining() == 0


def test_a_batch_soon_after_another_waits_for_the_rest_of_the_pause() -> None:
    clock = Clock()
    linger = Linger(PAUSE, clock)
    linger.end()
    clock.now += 6
    assert linger.remaining() == 2


@given(st.lists(st.floats(0, 20), max_size=50))
def test_batches_that_wait_are_never_closer_than_the_pause(gaps: list[float]) -> None:
    clock = Clock()
    linger = Linger(PAUSE, clock)
    ended: list[float] = []
    for gap in gaps:  # a message comes, and its batch waits
        clock.now += gap
        clock.now += linger.remaining()
        linger.end()
        ended.append(clock.now)
    assert all(later - earlier >= PAUSE - 1e-9 for earlier, later in pairwise(ended))
