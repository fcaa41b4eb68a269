"""Token buckets for rate limits, shared by all processes.

A bucket holds as many tokens as its rate allows within its span, and refills evenly. It's stored as the time
at which it's full again (the generic cell rate algorithm): one number whatever its size, and nothing once
it's full.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, cast

from fmn.infra import metrics
from fmn.settings.request_limits import RateLimit

MICROSECONDS: Final = 1_000_000
#: Buckets in a process's memory, some 200 bytes each. Evicting the least recently used ones refills them.
MAX_BUCKETS: Final = 10_000
#: Seconds for a call to Redis. A user waits for a page meanwhile.
TIMEOUT_SECONDS: Final = 0.2
#: Seconds without calls to Redis after a failure.
RESET_SECONDS: Final = 5.0
PREFIX: Final = "fmn:limit:"

#: Takes a token from the bucket KEYS[1], by Redis's clock. ARGV are microseconds to refill one token, and to
#: refill all. Returns the microseconds until a token is available, 0 if one was taken, and those until the
#: bucket is full.
TAKE_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + interval
if full - now > span then
    return {full - now - span, full - now - interval}
end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return {0, full - now}
"""


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
        interval, span = _interval_and_span(rate)
        with self._lock:
            now = int(self._clock() * MICROSECONDS)
            full = max(self._full.get(key, now), now) + interval
            if full - now > span:
                self._full.move_to_end(key)
                return _take_result(full - now - span, full - now - interval, interval, span)
            self._full[key] = full
            self._full.move_to_end(key)
            if len(self._full) > self._most:
                self._full.popitem(last=False)
        return _take_result(0, full - now, interval, span)


class RedisTokenBuckets:
    """Token buckets in Redis, shared by all processes. While Redis fails, each process counts by itself."""

    def __init__(
        self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, reset_seconds: float = RESET_SECONDS,
    ) -> None:
        # It brings Redis's client, which takes long to import.
        from fmn.infra.redis_cache import RedisCircuitBreaker  # noqa: PLC0415

        self._breaker = RedisCircuitBreaker(url, timeout_seconds=timeout_seconds, reset_seconds=reset_seconds)
        self._take = self._breaker.client.register_script(TAKE_SCRIPT)
        self._local = MemoryTokenBuckets()

    def take(self, key: str, rate: RateLimit) -> TakeResult:
        interval, span = _interval_and_span(rate)
        answer = self._breaker.run(
            "take", key, lambda: cast("list[int]", self._take([PREFIX + key], [interval, span])), None)
        if answer is None:
            metrics.limits_counted_locally.inc()
            return self._local.take(key, rate)
        wait, reset = answer
        return _take_result(wait, reset, interval, span)


def open_buckets(url: str) -> TokenBuckets:
    """The token buckets at a cache's URL, as for :func:`fmn.infra.cache.open_cache`."""
    return MemoryTokenBuckets() if url == "memory://" else RedisTokenBuckets(url)


def _interval_and_span(rate: RateLimit) -> tuple[int, int]:
    """Microseconds to refill one token, and all. Whole numbers, so that rounding loses no token."""
    interval = max(1, rate.seconds * MICROSECONDS // rate.amount)
    return interval, interval * rate.amount


def _take_result(wait: int, reset: int, interval: int, span: int) -> TakeResult:
    return TakeResult(wait / MICROSECONDS, max(0, span - reset) // interval, reset / MICROSECONDS)
