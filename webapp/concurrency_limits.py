"""Requests in progress, by who makes them: one person's slow ones mustn't take all threads of a process."""

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
    """Requests that this process is at, counted by whoever makes them. Threads share it."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._changed = Condition()
        self._running: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """Requests of all that wait for an earlier one."""
        return sum(self._waiting.values())

    @property
    def known(self) -> int:
        """People and addresses of whom anything is kept."""
        return len(self._running.keys() | self._waiting.keys())

    def acquire(self, who: str, limit: int) -> bool:
        """Begin a request, as soon as fewer than ``limit`` others of theirs are in progress.

        Returns whether that was within the time that a request waits.
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
        """End a request that was begun."""
        with self._changed:
            _count_down(self._running, who)
            self._changed.notify_all()


def _count_down(counter: Counter[str], who: str) -> None:
    """One less, and nothing is kept of whoever has none."""
    counter[who] -= 1
    if not counter[who]:
        del counter[who]


class ClosingIterator:
    """Pieces of an answer, and what's to be done once they're all sent, or nobody wants any more."""

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
        """Nothing more is sent. Servers call it, however it ended."""
        while self._finally:
            self._finally.pop()()

    def __del__(self) -> None:
        # One that never got to a server, because committing failed.
        self.close()
