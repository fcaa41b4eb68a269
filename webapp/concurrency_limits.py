"""Concurrency limits of requests per person, so that one person's slow requests don't use all threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from threading import Condition
from typing import Final, Self

#: Seconds that a request waits for an earlier one of the same person: a page's parts may come at once.
WAIT_SECONDS: Final = 2.0
#: Requests of one person that wait. Each takes a thread meanwhile.
MAX_WAITING: Final = 1


class ConcurrencyLimiter:
    """Counter of this process's requests in progress, by person or address. Thread-safe."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._changed = Condition()
        self._running: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """Number of requests that wait for an earlier one."""
        return sum(self._waiting.values())

    @property
    def known(self) -> int:
        """Number of people and addresses with entries."""
        return len(self._running.keys() | self._waiting.keys())

    def acquire(self, who: str, limit: int) -> bool:
        """Start a request once fewer than ``limit`` others of the same key are in progress.

        Returns whether that happened within the time that a request waits.
        """
        with self._changed:
            if self._running[who] >= limit and not self._wait(who, limit):
                return False
            self._running[who] += 1
            return True

    def _wait(self, who: str, limit: int) -> bool:
        if self._waiting[who] >= MAX_WAITING:
            return False
        self._waiting[who] += 1
        try:
            return self._changed.wait_for(lambda: self._running[who] < limit, self._wait_seconds)
        finally:
            _count_down(self._waiting, who)

    def release(self, who: str) -> None:
        """End a started request."""
        with self._changed:
            _count_down(self._running, who)
            self._changed.notify_all()


def _count_down(counter: Counter[str], who: str) -> None:
    """Decrement a counter, and delete it at zero."""
    counter[who] -= 1
    if not counter[who]:
        del counter[who]


class ClosingIterator:
    """Response body that runs a callback when it has been sent or the client is gone."""

    def __init__(self, pieces: Iterator[bytes], finally_: Sequence[Callable[[], None]]) -> None:
        self._pieces, self._finally = pieces, list(finally_)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the body. Servers call it in every case."""
        while self._finally:
            self._finally.pop()()

    def __del__(self) -> None:
        # One that never got to a server, because committing failed.
        self.close()
