"""The directory as a process has it: in memory, up to date by way of the cache.

One process fetches from the sources and publishes to the cache; the others see there that it changed.
Nobody matches with a directory that is empty because something is away: whoever has a snapshot goes
on with it, and whoever never had one raises, so that the work is done later instead of wrongly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from fmn.directory.codec import FORMAT, DirectoryDecodeError, decode, encode
from fmn.directory.merging import DirectorySource, DirectoryUnavailableError, merge
from fmn.directory.snapshot import Directory
from fmn.infra.cache import Cache

log = structlog.get_logger()

KEYS = f"fmn:directory:{FORMAT}"
VERSION_KEY = f"{KEYS}:version"
CONTENT_KEY = f"{KEYS}:content"
#: Set from when somebody wants a refresh until one begins.
REQUESTED_KEY = f"{KEYS}:wanted"
#: When it was last fetched, whether or not that brought anything new.
FETCHED_KEY = f"{KEYS}:fetched"
#: Locks: for the first fetch, and for the pace of refreshes that were asked for.
FETCHING_LOCK = f"{KEYS}:fetching"
PACE_LOCK = f"{KEYS}:pace"

#: Seconds that the cache keeps a directory: a week without a scheduler shouldn't happen, and what an
#: older version of FMN left there must go some day.
KEEP_SECONDS = 7 * 86400

#: Seconds between two looks at what a process that fetches has got.
POLL_SECONDS = 0.2

#: A publisher may replace a directory by a newer one between our reading its version and its content.
READ_ATTEMPTS = 2


class DirectoryStore:
    """The current directory of this process.

    ``check_seconds`` is how often the cache is asked for a newer version, and how long a source that
    failed is left alone. ``patience_seconds`` is how long the first look waits for another process
    that fetches already, before fetching too.
    """

    def __init__(
        self, sources: Sequence[DirectorySource], cache: Cache, *, email_domain: str = "",
        check_seconds: float = 5.0, patience_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sources = sources
        self._cache = cache
        self._email_domain = email_domain
        self._check_seconds = check_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._directory: Directory | None = None
        self._failure = ""
        self._missing = False
        self._next_check = clock()

    def current(self) -> Directory:
        """The newest snapshot that can be had now.

        Raises :class:`DirectoryUnavailableError` if there never was one and the sources are away.
        """
        known = self._directory
        if known is not None and self._clock() < self._next_check:
            return known
        # One thread looks. Those that have a snapshot don't wait for it.
        if not self._lock.acquire(blocking=known is None):
            assert known is not None
            return known
        try:
            return self._look()
        finally:
            self._lock.release()

    def refresh(self) -> bool:
        """Fetch from the sources and publish; whether anything changed.

        Raises :class:`DirectoryUnavailableError`; then all go on with what they have.
        """
        wanted = self._cache.get(REQUESTED_KEY)
        self._cache.delete(REQUESTED_KEY)  # before the fetch: what changes during it asks for another one
        try:
            directory = self._fetch()
        except DirectoryUnavailableError:
            if wanted is not None:
                self._cache.set(REQUESTED_KEY, wanted)
            raise
        published = self._published_version()
        if directory.version != published:
            self._publish(directory, instead_of=published)
        self._keep(directory)
        log.info("directory refreshed", version=directory.version, changed=directory.version != published)
        return directory.version != published

    def request_refresh(self) -> None:
        """Ask for a refresh, because something said that the directory changed. Cheap, at any rate."""
        self._cache.set(REQUESTED_KEY, datetime.now(UTC).isoformat().encode())

    def refresh_if_requested(self, at_most_every_seconds: float = 60.0) -> bool:
        """Refresh if somebody asked for it, at most so often; whether anything changed.

        To be called every few seconds. However many ask, the last one is served: at the latest when
        the time is up. Raises :class:`DirectoryUnavailableError`; then the wish stands.
        """
        if self._cache.get(REQUESTED_KEY) is None:
            return False
        if not self._cache.acquire(PACE_LOCK, at_most_every_seconds):
            return False
        return self.refresh()

    def _look(self) -> Directory:
        known = self._directory
        if self._clock() < self._next_check:  # another thread has just looked
            if known is None:
                raise DirectoryUnavailableError(self._failure)
            return known
        try:
            return self._keep(self._first() if known is None else self._newer(known))
        except DirectoryUnavailableError as error:
            self._failure = str(error)
            self._next_check = self._clock() + self._check_seconds
            raise

    def _newer(self, known: Directory) -> Directory:
        for _ in range(READ_ATTEMPTS):
            version = self._published_version()
            if version == known.version:
                self._missing = False
                return known
            newer = self._published(version)
            if newer is not None:
                log.info("directory changed", version=newer.version)
                self._missing = False
                return newer
        self._go_on_without_cache(known)
        return known

    def _go_on_without_cache(self, known: Directory) -> None:
        """The cache was flushed or is away. Others may need what it had, but matching doesn't wait for it."""
        if not self._missing:
            log.warning("directory isn't in the cache, going on with what was known", version=known.version)
        self._missing = True
        self.request_refresh()

    def _first(self) -> Directory:
        deadline = self._clock() + self._patience_seconds
        while True:
            found = self._published(self._published_version())
            if found is not None:
                return found
            locked = self._cache.acquire(FETCHING_LOCK, self._patience_seconds)
            if locked or self._clock() >= deadline:
                return self._fetch_first(locked=locked)
            self._pause(POLL_SECONDS)

    def _fetch_first(self, *, locked: bool) -> Directory:
        try:
            directory = self._fetch()
            self._publish(directory, instead_of=None)
            return directory
        finally:
            if locked:
                self._cache.delete(FETCHING_LOCK)

    def _fetch(self) -> Directory:
        fetched = merge([source.fetch() for source in self._sources], self._email_domain)
        self._cache.set(FETCHED_KEY, datetime.now(UTC).isoformat().encode(), KEEP_SECONDS)
        return fetched

    def fetched_at(self) -> datetime | None:
        """When the directory that is published was last fetched; ``None`` if the cache doesn't know."""
        fetched = self._cache.get(FETCHED_KEY)
        return None if fetched is None else datetime.fromisoformat(fetched.decode())

    def _published_version(self) -> str | None:
        version = self._cache.get(VERSION_KEY)
        return None if version is None else version.decode("ascii", "replace")

    def _published(self, version: str | None) -> Directory | None:
        content = None if version is None else self._cache.get(f"{CONTENT_KEY}:{version}")
        if content is None:
            return None
        try:
            return decode(content)
        except DirectoryDecodeError as error:
            log.warning("directory in the cache is unreadable", version=version, error=str(error))
            return None

    def _publish(self, directory: Directory, instead_of: str | None) -> None:
        """Publish under a key of its own and name it last: nobody reads half of one and half of another."""
        self._cache.set(f"{CONTENT_KEY}:{directory.version}", encode(directory), KEEP_SECONDS)
        self._cache.set(VERSION_KEY, directory.version.encode(), KEEP_SECONDS)
        if instead_of is not None and instead_of != directory.version:
            self._cache.delete(f"{CONTENT_KEY}:{instead_of}")

    def _keep(self, directory: Directory) -> Directory:
        self._directory = directory
        self._next_check = self._clock() + self._check_seconds
        return directory
