"""Requests in progress, counted by whoever makes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.waiting import wait_until
from webapp.concurrency_limits import ClosingIterator, ConcurrencyLimiter

#: Seconds that nobody waits in vain here.
LONG = 60.0


def test_one_more_than_may_be_is_told_so_once_it_has_waited() -> None:
    limiter = ConcurrencyLimiter(wait_seconds=0.01)

    assert [limiter.acquire("mallory", 2) for _ in range(3)] == [True, True, False]


def test_others_dont_notice() -> None:
    limiter = ConcurrencyLimiter(wait_seconds=0.01)
    while limiter.acquire("mallory", 2):
        pass

    assert limiter.acquire("alice", 2)


def test_whoever_waits_goes_on_when_an_earlier_one_is_done() -> None:
    limiter = ConcurrencyLimiter(LONG)
    assert limiter.acquire("alice", 1)

    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(limiter.acquire, "alice", 1)
        limiter.release("alice")
        assert second.result(LONG)


def test_only_one_waits_so_that_others_have_threads() -> None:
    # Given somebody whose request is in progress, and a second one that waits
    limiter = ConcurrencyLimiter(LONG)
    assert limiter.acquire("mallory", 1)
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(limiter.acquire, "mallory", 1)
        wait_until(lambda: limiter.waiting == 1, LONG, "nobody waits")

        # Then a third one is refused at once
        assert not limiter.acquire("mallory", 1)

        limiter.release("mallory")
        assert second.result(LONG)


def test_nothing_is_kept_of_whoever_is_done() -> None:
    limiter = ConcurrencyLimiter(wait_seconds=0.01)
    for number in range(100):
        assert limiter.acquire(f"person {number}", 1)
        assert not limiter.acquire(f"person {number}", 1)
        limiter.release(f"person {number}")

    assert limiter.known == 0


class TestSending:
    """What comes piece by piece is in progress until it's sent."""

    def sending(self, limiter: ConcurrencyLimiter, *pieces: bytes) -> ClosingIterator:
        assert limiter.acquire("alice", 1)
        return ClosingIterator(iter(pieces), [lambda: limiter.release("alice")])

    def test_is_over_after_the_last_piece(self) -> None:
        limiter = ConcurrencyLimiter()
        sending = self.sending(limiter, b"a", b"b")
        assert next(sending) == b"a"
        assert limiter.known == 1

        assert list(sending) == [b"b"]
        assert limiter.known == 0

    def test_is_over_once_if_the_client_goes(self) -> None:
        limiter = ConcurrencyLimiter()
        sending = self.sending(limiter, b"a", b"b")

        sending.close()
        sending.close()
        assert limiter.known == 0

    def test_is_over_if_it_fails(self) -> None:
        def failing() -> Iterator[bytes]:
            yield b"a"
            raise RuntimeError

        limiter = ConcurrencyLimiter()
        assert limiter.acquire("alice", 1)
        sending = ClosingIterator(failing(), [lambda: limiter.release("alice")])

        with pytest.raises(RuntimeError):
            list(sending)
        assert limiter.known == 0

    def test_is_over_if_no_server_ever_gets_it(self) -> None:
        limiter = ConcurrencyLimiter()
        sending = self.sending(limiter, b"a")

        del sending
        assert limiter.known == 0
