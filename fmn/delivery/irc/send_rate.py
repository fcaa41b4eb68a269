"""Rate limit of sent lines: servers disconnect clients that send faster than about a line a second."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Final

#: Lines of a delivery before an answer gets its turn, while both have something to say.
SHARE: Final = 4


class SendRateLimiter:
    """Rate limiter of lines: ``burst`` at once, then ``rate`` a second. Threads may share it.

    Who comes first is served first. Answers hold a delivery up by a :data:`SHARE` of its lines at most.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._interval = 1 / rate
        self._burst = burst
        self._lock = Lock()
        self._next = time.monotonic()
        self._no_delivery = Event()
        self._no_delivery.set()

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """Mark a delivery as under way until the end of the block."""
        self._no_delivery.clear()
        try:
            yield
        finally:
            self._no_delivery.set()

    def acquire(self, ended: Event, until: float) -> bool:
        """Wait for permission to send a line. False if ``until`` passes, or ``ended`` is set, first.

        ``until`` is in seconds of the monotonic clock.
        """
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now - (self._burst - 1) * self._interval)
            if max(turn, now) >= until:
                return False
            self._next = turn + self._interval
        return not ended.wait(max(0.0, turn - now))

    def acquire_for_reply(self, ended: Event) -> bool:
        """Like :meth:`acquire`, but deliveries go first for a while."""
        self._no_delivery.wait(SHARE * self._interval)
        return self.acquire(ended, math.inf)
