"""Token buckets for rate limits, shared by all processes.

A bucket holds as many tokens as its rate allows within its span, and refills evenly. It's stored as the time
at which it's full again (the generic cell rate algorithm): one number whatever its size, and nothing once
it's full. Those in Redis are in :mod:`fmn.infra.redis_token_buckets`.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from fmn.settings.request_limits import RateLimit

MICROSECONDS: Final = 1_000_000
#: Buckets in a process's memory, some 200 bytes each. Evicting the least recently used ones refills them.
MAX_BUCKETS: Final = 10_000


class TakeResult(NamedTuple):
    """Result of taking a token.

    ``wait`` is the seconds until a token is available, 0 if one was taken; ``remaining`` the tokens left;
    ``reset`` the seconds until the bucket is full.
    """

    wait: float
    remaining: int
    reset: float


class TokenBuckets(Protocol):
    """Interface of token buckets by key, each full at first."""

    def take(self, key: str, rate: RateLimit) -> TakeResult:
        """Take a token from a bucket, if it has one."""


class MemoryTokenBuckets:
    """Token buckets in one process's memory, shared by its threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MAX_BUCKETS) -> None:
        self._clock, self._most = clock, most
        self._lock = threading.Lock()
        #: Time at which each bucket is full, in microseconds; the most recently used come last.
        self._full: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full)

    def take(self, key: str, rate: RateLimit) -> TakeResult:
        interval, span = interval_and_span(rate)
        with self._lock:
            now = int(self._clock() * MICROSECONDS)
            full = max(self._full.get(key, now), now) + interval
            if full - now > span:
                self._full.move_to_end(key)
                return take_result(full - now - span, full - now - interval, interval, span)
            self._full[key] = full
            self._full.move_to_end(key)
            if len(self._full) > self._most:
                self._full.popitem(last=False)
        return take_result(0, full - now, interval, span)


def interval_and_span(rate: RateLimit) -> tuple[int, int]:
    """Microseconds to refill one token, and all. Whole numbers, so that rounding loses no token."""
    interval = max(1, rate.seconds * MICROSECONDS // rate.amount)
    return interval, interval * rate.amount


def take_result(wait: int, reset: int, interval: int, span: int) -> TakeResult:
    """The result of taking a token, from microseconds."""
    return TakeResult(wait / MICROSECONDS, max(0, span - reset) // interval, reset / MICROSECONDS)
