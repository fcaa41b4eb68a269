"""Directory store: a process's current snapshot, kept up to date through the cache.

One process fetches from the sources and publishes to the cache; others load it from there. While sources or
the cache are down, processes keep their snapshot. A process without one raises, so that matching is delayed
rather than done with an empty directory.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from fmn.directory.codec import FORMAT, DirectoryDecodeError, decode, encode
from fmn.directory.difference import apply_difference, encode_difference
from fmn.directory.merging import DirectorySource, DirectoryUnavailableError, merge
from fmn.directory.snapshot import Directory
from fmn.infra.cache import Cache

log = structlog.get_logger()

KEYS = f"fmn:directory:{FORMAT}"
VERSION_KEY = f"{KEYS}:version"
CONTENT_KEY = f"{KEYS}:content"
#: Keys with the difference to the next version, by version.
DIFFERENCE_KEY = f"{KEYS}:difference"
#: Key that is set from a request for a refresh until the refresh begins.
REQUESTED_KEY = f"{KEYS}:wanted"
#: Key with the time of the last fetch.
FETCHED_KEY = f"{KEYS}:fetched"
#: Locks: for the first fetch, and for the rate of requested refreshes.
FETCHING_LOCK = f"{KEYS}:fetching"
PACE_LOCK = f"{KEYS}:pace"

#: Seconds that the cache keeps a directory: a week, longer than any time without a scheduler. Entries of
#: older versions of FMN expire.
KEEP_SECONDS = 7 * 86400

#: Seconds that the cache keeps a difference. Processes look for a new version every few seconds.
KEEP_DIFFERENCE_SECONDS = 3600
#: Bytes of a difference that is published even if the directory is smaller still.
SMALL_BYTES = 65_536
#: Differences that a process applies at once at most; one that missed more decodes the directory.
MAX_DIFFERENCES = 10

#: Seconds between checks for another process's fetch.
POLL_SECONDS = 0.2

#: Attempts to read version and content, between which a publisher may replace the directory.
READ_ATTEMPTS = 2


class DirectoryStore:
    """Store of this process's current directory. Thread-safe.

    ``check_seconds`` is the interval of checks for a newer version in the cache, and the delay after a failed
    fetch. ``patience_seconds`` is how long a first :meth:`current` waits for another process's fetch before
    fetching, too.
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
        """The newest available snapshot.

        :raises DirectoryUnavailableError: there is none, and the sources failed
        """
        known = self._directory
        if known is not None and self._clock() < self._next_check:
            return known
        # One thread checks. Others use the snapshot meanwhile.
        if not self._lock.acquire(blocking=known is None):
            assert known is not None
            return known
        try:
            return self._look()
        finally:
            self._lock.release()

    def refresh(self) -> bool:
        """Fetch from the sources and publish; returns whether anything changed.

        :raises DirectoryUnavailableError: a source failed; all processes keep their snapshots
        """
        wanted = self._cache.get(REQUESTED_KEY)
        self._cache.delete(REQUESTED_KEY)  # before the fetch, since a change during it requests another one
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
        """Request a refresh after a change of the directory. Cheap at any rate of calls."""
        self._cache.set(REQUESTED_KEY, datetime.now(UTC).isoformat().encode())

    def refresh_if_requested(self, at_most_every_seconds: float = 60.0) -> bool:
        """Refresh if requested, at most every so many seconds; returns whether anything changed.

        Call it every few seconds. The last request is always served, when the interval ends at the latest.

        :raises DirectoryUnavailableError: a source failed; the request stays
        """
        if self._cache.get(REQUESTED_KEY) is None:
            return False
        if not self._cache.acquire(PACE_LOCK, at_most_every_seconds):
            return False
        return self.refresh()

    def _look(self) -> Directory:
        known = self._directory
        if self._clock() < self._next_check:  # another thread has just checked
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
            newer = self._by_differences(known, version) or self._published(version)
            if newer is not None:
                log.info("directory changed", version=newer.version)
                self._missing = False
                return newer
        self._go_on_without_cache(known)
        return known

    def _go_on_without_cache(self, known: Directory) -> None:
        """Keep the snapshot while the cache is empty or down, and request a refresh for other processes."""
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
        """Time of the published directory's last fetch; ``None`` if unknown."""
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

    def _by_differences(self, known: Directory, version: str | None) -> Directory | None:
        """The directory of a version, made of the known one; ``None`` if a difference is missing."""
        directory = known
        for _ in range(MAX_DIFFERENCES):
            content = self._cache.get(f"{DIFFERENCE_KEY}:{directory.version}")
            if content is None:
                return None
            try:
                directory = apply_difference(directory, content)
            except DirectoryDecodeError as error:
                log.warning("directory's difference is unreadable", version=version, error=str(error))
                return None
            if directory.version == version:
                return directory
        return None

    def _publish(self, directory: Directory, instead_of: str | None) -> None:
        """Publish under a new key and update the current version last, so that readers see no mixture."""
        content, known = encode(directory), self._directory
        self._cache.set(f"{CONTENT_KEY}:{directory.version}", content, KEEP_SECONDS)
        if known is not None and known.version == instead_of:
            difference = encode_difference(known, directory)
            if len(difference) < max(len(content), SMALL_BYTES):
                self._cache.set(f"{DIFFERENCE_KEY}:{instead_of}", difference, KEEP_DIFFERENCE_SECONDS)
        self._cache.set(VERSION_KEY, directory.version.encode(), KEEP_SECONDS)
        if instead_of is not None and instead_of != directory.version:
            self._cache.delete(f"{CONTENT_KEY}:{instead_of}")

    def _keep(self, directory: Directory) -> Directory:
        self._directory = directory
        self._next_check = self._clock() + self._check_seconds
        return directory
