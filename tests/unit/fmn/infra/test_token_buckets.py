"""Token buckets within a process; those in Redis are in the integration tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from fmn.infra.token_buckets import MemoryTokenBuckets
from fmn.settings.request_limits import RateLimit

RATES = st.builds(RateLimit, st.integers(1, 50), st.sampled_from([1, 60, 3600]))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(RATES)
def test_a_full_bucket_has_as_many_tokens_as_its_rate_says(rate: RateLimit) -> None:
    buckets = MemoryTokenBuckets(Clock())

    taken = [buckets.take("alice", rate) for _ in range(rate.amount)]

    assert [each.wait for each in taken] == [0] * rate.amount
    assert [each.remaining for each in taken] == list(range(rate.amount))[::-1]
    assert buckets.take("alice", rate).wait > 0


@given(RATES)
def test_whoever_waits_as_long_as_they_are_told_gets_a_token_and_only_then(rate: RateLimit) -> None:
    clock = Clock()
    buckets = MemoryTokenBuckets(clock)
    while not (wait := buckets.take("alice", rate).wait):
        pass

    clock.now += wait / 2
    assert buckets.take("alice", rate).wait > 0
    clock.now += wait / 2 + 1e-5
    assert buckets.take("alice", rate).wait == 0


@given(RATES, st.lists(st.floats(0, 100), max_size=150))
def test_within_its_span_never_more_than_twice_the_amount_is_taken(
    rate: RateLimit, pauses: list[float],
) -> None:
    # Given somebody who asks at any times
    clock = Clock()
    buckets = MemoryTokenBuckets(clock)
    times = []
    for pause in pauses:
        clock.now += pause
        if not buckets.take("alice", rate).wait:
            times.append(clock.now)

    # Then a full bucket and its refill are the most that any span sees
    for begin in times:
        assert sum(begin <= each < begin + rate.seconds for each in times) <= 2 * rate.amount


def test_an_empty_bucket_is_nobody_elses() -> None:
    buckets = MemoryTokenBuckets(Clock())
    buckets.take("mallory", RateLimit(1, 60))

    assert buckets.take("mallory", RateLimit(1, 60)).wait == 60
    assert buckets.take("alice", RateLimit(1, 60)).wait == 0


def test_however_many_ask_memory_is_bounded_and_who_asks_most_is_remembered() -> None:
    # Given somebody who is at the limit and goes on asking, among ten thousand strangers
    buckets = MemoryTokenBuckets(Clock(), most=100)
    while not buckets.take("mallory", RateLimit(5, 60)).wait:
        pass
    for number in range(10_000):
        buckets.take(f"stranger {number}", RateLimit(5, 60))
        assert buckets.take("mallory", RateLimit(5, 60)).wait > 0

    assert len(buckets) == 100


def test_of_many_threads_that_ask_at_once_as_many_get_a_token_as_there_are() -> None:
    buckets, rate = MemoryTokenBuckets(Clock()), RateLimit(100, 3600)

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: buckets.take("alice", rate), range(400)))

    assert sum(not each.wait for each in taken) == 100
