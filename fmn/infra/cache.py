"""Cache that processes share: small values that may vanish at any time, in memory or in Redis.

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
from typing import Protocol

from fmn.errors import OperatorError


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


@functools.cache
def open_cache(url: str) -> Cache:
    """The cache at a URL, one per process.

    :raises fmn.errors.OperatorError: the URL is neither ``memory://`` nor one of Redis
    """
    if url == "memory://":
        return MemoryCache()
    # It brings Redis's client, which takes long to import.
    from fmn.infra.redis_cache import RedisCache  # noqa: PLC0415

    try:
        return RedisCache(url)
    except ValueError as error:
        raise OperatorError(f"{url!r} is no cache: say memory:// or redis://host:port/number") from error
