"""What workers share besides the database: small things that may vanish at any time.

Nothing that mustn't be lost belongs here. A Redis that is away, hung, full or flushed never raises
into its callers; it only knows less. The log says so, and Redis is left alone for some seconds, so
that one that hangs doesn't hold up every call. Meanwhile:

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

#: Seconds for one exchange with Redis. It's meant to be beside us, and whoever waits is matching.
TIMEOUT_SECONDS = 5.0

#: A connection that the server closed meanwhile, e.g. by restarting, shows only when it's used.
RECONNECTS = 1

#: Seconds that a Redis which failed is left alone.
RESET_SECONDS = 5.0


class CacheUrlError(OperatorError, ValueError):
    """No cache has such a URL."""


class Cache(Protocol):
    """Bytes by key, until they expire or the cache forgets them."""

    def get(self, key: str) -> bytes | None:
        """What was set, ``None`` if there's nothing or nobody to ask."""

    def set(self, key: str, value: bytes, seconds: float | None = None) -> None:
        """Keep the value, for so many seconds if given."""

    def delete(self, key: str) -> None:
        """Forget the key, or give a lock of that name back early."""

    def acquire(self, name: str, seconds: float) -> bool:
        """Whether the caller is the first in so many seconds to ask for the name, and so has the lock.

        It ends by itself, whether or not the holder is done, so it saves work rather than guards it.
        """


class MemoryCache:
    """A cache within this process; all its threads share it."""

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
            if self._values.get(key, (b"", None))[1] == expiry:  # else it was set again since
                del self._values[key]


class RedisCircuitBreaker:
    """Connection to Redis that never raises: after a failure it isn't asked again for some seconds.

    So a Redis that hangs costs one caller ``timeout_seconds`` now and then, and not every caller each time.
    Threads may share it.
    """

    def __init__(self, url: str, *, timeout_seconds: float, reset_seconds: float) -> None:
        self._reset_seconds = reset_seconds
        self._open_until = 0.0
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            # The client's own default waits seconds between several tries, in the middle of matching.
            retry=Retry(NoBackoff(), RECONNECTS, supported_errors=(redis.ConnectionError,)),
        )

    def run(self, operation: str, key: str, call: Callable[[], Result], fallback: Result) -> Result:
        """What ``call`` returns, or ``fallback`` if Redis fails or rests."""
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
    """A cache that all processes share; see above for what happens while Redis is away.

    ``url`` is ``redis://host:port/number``, ``rediss://…`` for TLS, or ``unix:///path``.
    """

    def __init__(
        self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, reset_seconds: float = RESET_SECONDS,
    ) -> None:
        self._breaker = RedisCircuitBreaker(url, timeout_seconds=timeout_seconds, reset_seconds=reset_seconds)
        self._redis = self._breaker.client

    def get(self, key: str) -> bytes | None:
        # We never ask the client to decode what it gets.
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
    """The cache at a URL, the same one for all of this process.

    Raises :class:`CacheUrlError` for a URL that is neither ``memory://`` nor one of Redis.
    """
    if url == "memory://":
        return MemoryCache()
    try:
        return RedisCache(url)
    except ValueError as error:
        raise CacheUrlError(f"{url!r} is no cache: say memory:// or redis://host:port/number") from error
