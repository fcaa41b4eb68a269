"""Token buckets: how often somebody may do something, counted by all processes together.

A bucket holds as many tokens as its rate allows within its span, and is refilled evenly. All that is kept of
it is the moment at which it's full again (the generic cell rate algorithm), so it costs one number however
many tokens it has, and nothing once it's full.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, cast

from fmn.infra import metrics
from fmn.infra.cache import RESET_SECONDS, RedisCircuitBreaker
from fmn.settings.request_limits import RateLimit

MICROSECONDS: Final = 1_000_000
#: Buckets that a process keeps, some 200 bytes each. The least recently used are forgotten, so they're full.
MAX_BUCKETS: Final = 10_000
#: Seconds that Redis may take. Somebody waits for a page meanwhile, and limits aren't worth that wait.
TIMEOUT_SECONDS: Final = 0.2
PREFIX: Final = "fmn:limit:"

#: Takes a token out of the bucket KEYS[1], by Redis's own clock. ARGV are microseconds: those that a token
#: takes to be refilled, and those that all of them take. Returns how long one has to wait for a token, 0 if
#: it was taken, and after how long the bucket is full.
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
    """What came of taking a token.

    ``wait`` is the number of seconds until there's one, 0 if it was taken; ``remaining`` how many there are
    now; ``reset`` the number of seconds until the bucket is full.
    """

    wait: float
    remaining: int
    reset: float


class TokenBuckets(Protocol):
    """Buckets by key, each full when it's first asked."""

    def take(self, key: str, rate: RateLimit) -> TakeResult:
        """Take a token out of a bucket, if there's one."""


class MemoryTokenBuckets:
    """The buckets of one process; all its threads share them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MAX_BUCKETS) -> None:
        self._clock, self._most = clock, most
        self._lock = threading.Lock()
        #: The moment at which each is full, in microseconds; the most recently used come last.
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
    """Buckets that all processes share. While Redis fails, each process counts by itself."""

    def __init__(
        self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, reset_seconds: float = RESET_SECONDS,
    ) -> None:
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
    """The buckets beside the cache at a URL, one that :func:`fmn.infra.cache.open_cache` takes."""
    return MemoryTokenBuckets() if url == "memory://" else RedisTokenBuckets(url)


def _interval_and_span(rate: RateLimit) -> tuple[int, int]:
    """Microseconds that a token takes to be refilled, and all of them. Whole ones, so that none gets lost."""
    interval = max(1, rate.seconds * MICROSECONDS // rate.amount)
    return interval, interval * rate.amount


def _take_result(wait: int, reset: int, interval: int, span: int) -> TakeResult:
    return TakeResult(wait / MICROSECONDS, max(0, span - reset) // interval, reset / MICROSECONDS)
