"""Token buckets in Redis, see :mod:`fmn.infra.token_buckets`."""

from __future__ import annotations

from typing import Final, cast

from fmn.infra import metrics
from fmn.infra.redis_cache import RESET_SECONDS, RedisCircuitBreaker
from fmn.infra.token_buckets import MemoryTokenBuckets, TakeResult, interval_and_span, take_result
from fmn.settings.request_limits import RateLimit

#: Seconds for a call to Redis. A user waits for a page meanwhile.
TIMEOUT_SECONDS: Final = 0.2
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


class RedisTokenBuckets:
    """Token buckets in Redis, shared by all processes. While Redis fails, each process counts by itself."""

    def __init__(
        self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, reset_seconds: float = RESET_SECONDS,
    ) -> None:
        self._breaker = RedisCircuitBreaker(url, timeout_seconds=timeout_seconds, reset_seconds=reset_seconds)
        self._take = self._breaker.client.register_script(TAKE_SCRIPT)
        self._local = MemoryTokenBuckets()

    def take(self, key: str, rate: RateLimit) -> TakeResult:
        interval, span = interval_and_span(rate)
        answer = self._breaker.run(
            "take", key, lambda: cast("list[int]", self._take([PREFIX + key], [interval, span])), None)
        if answer is None:
            metrics.limits_counted_locally.inc()
            return self._local.take(key, rate)
        wait, reset = answer
        return take_result(wait, reset, interval, span)
