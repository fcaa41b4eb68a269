"""Cache that processes share: small values that may vanish at any time, in Redis or in memory.

Keep nothing here that must not be lost. A Redis that is down, hung, full or flushed raises no errors into
callers. A failure is logged and opens a circuit breaker for some seconds, so that a hung Redis doesn't delay
every call. Meanwhile:

==================  ============================================================
``get``             ``None``, as for a key that was never set
``set``, ``delete`` nothing happens
``acquire``         ``True``: done twice is better than not at all
==================  ============================================================
"""

from __future__ import annotations

import functools
import heapq
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from fmn.errors import OperatorError

log = structlog.get_logger()

Result = TypeVar("Result")

#: Seconds for one call to Redis. Redis is meant to be near, and a worker waits for it while matching.
TIMEOUT_SECONDS = 5.0

#: One retry, since a connection that the server closed meanwhile shows only when it's used.
RECONNECTS = 1

#: Seconds without calls to Redis after a failure.
RESET_SECONDS = 5.0


class Cache(Protocol):
    """Interface of a cache: bytes by key, until they expire or are evicted."""

    def get(self, key: str) -> bytes | None:
        """The value of a key; ``None`` if there is none or the cache is unavailable."""

    def set(self, key: str, value: bytes, seconds: float | None = None) -> None:
        """Store a value, for ``seconds`` if given."""

    def delete(self, key: str) -> None:
        """Delete a key, or release a lock of that name early."""

    def acquire(self, name: str, seconds: float) -> bool:
        """Try to take the lock of this name; returns whether the caller has it.

        The lock ends after ``seconds``, whether or not the holder is done. It saves double work; it's no
        guard.
        """


class MemoryCache:
    """Cache in this process's memory, shared by its threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[str, tuple[bytes, float | None]] = {}
        self._expiries: list[tuple[float, str]] = []

    def get(self, key: str) -> bytes | None:
        with self._lock:
            self._forget_expired()
            value, _ = self._values.get(key, (None, None))
            return value

    def set(self, key: str, value: bytes, seconds: float | None = None) -> None:
        with self._lock:
            self._forget_expired()
            self._keep(key, value, seconds)

    def delete(self, key: str) -> None:
        with self._lock:
            self._values.pop(key, None)

    def acquire(self, name: str, seconds: float) -> bool:
        with self._lock:
            self._forget_expired()
            if name in self._values:
                return False
            self._keep(name, b"", seconds)
            return True

    def _keep(self, key: str, value: bytes, seconds: float | None) -> None:
        expiry = None if seconds is None else self._clock() + seconds
        self._values[key] = (value, expiry)
        if expiry is not None:
            heapq.heappush(self._expiries, (expiry, key))

    def _forget_expired(self) -> None:
        now = self._clock()
        while self._expiries and self._expiries[0][0] <= now:
            expiry, key = heapq.heappop(self._expiries)
            if self._values.get(key, (b"", None))[1] == expiry:  # else the key was set again meanwhile
                del self._values[key]


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
    """Cache in Redis, shared by all processes. See the module for what happens while Redis is down.

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


@functools.cache
def open_cache(url: str) -> Cache:
    """The cache at a URL, one per process.

    :raises fmn.errors.OperatorError: the URL is neither ``memory://`` nor one of Redis
    """
    if url == "memory://":
        return MemoryCache()
    try:
        return RedisCache(url)
    except ValueError as error:
        raise OperatorError(f"{url!r} is no cache: say memory:// or redis://host:port/number") from error
