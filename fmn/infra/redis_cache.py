"""The cache in Redis, and the circuit breaker for whatever else is there. See :mod:`fmn.infra.cache`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar, cast

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger()

Result = TypeVar("Result")

#: Seconds for one call to Redis. Redis is meant to be near, and a worker waits for it while matching.
TIMEOUT_SECONDS = 5.0

#: One retry, since a connection that the server closed meanwhile shows only when it's used.
RECONNECTS = 1

#: Seconds without calls to Redis after a failure.
RESET_SECONDS = 5.0


class RedisCircuitBreaker:
    """Circuit breaker of a Redis connection: for some seconds after a failure, calls return a fallback.

    A hung Redis then costs one caller ``timeout_seconds`` now and then instead of every caller each time.
    Thread-safe.
    """

    def __init__(self, url: str, *, timeout_seconds: float, reset_seconds: float) -> None:
        self._reset_seconds = reset_seconds
        self._open_until = 0.0
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            # The client's default retries several times, seconds apart, in the middle of matching.
            retry=Retry(NoBackoff(), RECONNECTS, supported_errors=(redis.ConnectionError,)),
        )

    def run(self, operation: str, key: str, call: Callable[[], Result], fallback: Result) -> Result:
        """The result of ``call``, or ``fallback`` if Redis fails or the breaker is open."""
        if time.monotonic() < self._open_until:
            return fallback
        try:
            return call()
        except redis.RedisError as error:
            self._open_until = time.monotonic() + self._reset_seconds
            log.warning(
                "cache can't be used", operation=operation, key=key, reset_seconds=self._reset_seconds,
                reason=type(error).__name__, error=str(error))
            return fallback


class RedisCache:
    """Cache in Redis, shared by all processes; :mod:`fmn.infra.cache` says what happens while Redis is down.

    ``url`` is ``redis://host:port/number``, ``rediss://…`` for TLS, or ``unix:///path``.
    """

    def __init__(
        self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, reset_seconds: float = RESET_SECONDS,
    ) -> None:
        self._breaker = RedisCircuitBreaker(url, timeout_seconds=timeout_seconds, reset_seconds=reset_seconds)
        self._redis = self._breaker.client

    def get(self, key: str) -> bytes | None:
        # The client isn't asked to decode values.
        return cast("bytes | None", self._breaker.run("get", key, lambda: self._redis.get(key), None))

    def set(self, key: str, value: bytes, seconds: float | None = None) -> None:
        self._breaker.run("set", key, lambda: self._redis.set(key, value, px=_milliseconds(seconds)), None)

    def delete(self, key: str) -> None:
        self._breaker.run("delete", key, lambda: self._redis.delete(key), 0)

    def acquire(self, name: str, seconds: float) -> bool:
        milliseconds = _milliseconds(seconds)
        return self._breaker.run(
            "acquire", name, lambda: bool(self._redis.set(name, b"", px=milliseconds, nx=True)), True)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds * 1000))
