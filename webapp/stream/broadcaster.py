"""Broadcaster of new events to all readers: one query every half a second, whatever their number.

A reader's only state is the number of the last event sent. Slow readers get what they missed from the
database, by that number, when they read again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fmn.delivery.sse.settings import SseSettings
from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.event_streams import (
    StreamPosition,
    events_after,
    events_between,
    last_numbers,
    stream_position,
)
from webapp.api.problems import ApiError
from webapp.stream.authentication import StreamAuthenticator, StreamCredentials
from webapp.stream.event_format import encode_event, gap_event

log = structlog.get_logger()

Answer = TypeVar("Answer")
#: Events as they're sent, each with its number.
NumberedEvents = Sequence[tuple[int, bytes]]

#: Seconds between two looks at what is new.
POLL_SECONDS: Final = 0.5
#: Seconds between two looks at whether all who listen still may. A browser that signs out forgets its
#: session's cookie, and nobody hears of it; so its stream ends after a while, and it shows what it has then.
CHECK_SECONDS: Final = 30.0
SESSION_STREAM_SECONDS: Final = 15 * 60.0
#: Seconds until one asks a database again that is away.
DATABASE_RETRY_SECONDS: Final = 1.0
#: Seconds after which somebody may try again for whom there was no room.
RETRY_AFTER_SECONDS: Final = 30
#: Events that one look finds of a stream, and streams that it finds some of; the rest comes with the next
#: one, at once. Events that a reader gets from the database: they have them to themselves, and may be slow.
MAX_EVENTS_PER_STREAM: Final = 100
MAX_STREAMS: Final = 1000
MAX_EVENTS_READ: Final = 25
#: Questions to the database at the same time, of those who listen and of those who come; it has to have as
#: many connections. Many who come at once don't delay what others are told.
THREADS: Final = 4
ADMISSION_THREADS: Final = 2
#: Newcomers who wait for that. More are told to come back later.
MAX_PENDING_ADMISSIONS: Final = 200


class Subscription:
    """A stream with readers, known up to the event with the number ``last``.

    ``told`` are the events of the last poll; they begin after the number ``before``.
    """

    def __init__(self, last: int) -> None:
        self.last = self.before = last
        self.recent: NumberedEvents = ()
        self.changed = asyncio.Event()
        self.readers: set[StreamReader] = set()

    def publish(self, told: NumberedEvents, last: int) -> None:
        """Announce new events up to a number."""
        self.before, self.recent, self.last = self.last, told, last
        self.wake()

    def drop_recent(self) -> None:
        """Forget the last poll's events; readers who haven't taken them read from the database."""
        self.before, self.recent = self.last, ()

    def wake(self) -> None:
        """Wake all waiting readers."""
        self.changed.set()
        self.changed = asyncio.Event()


class StreamReader:
    """A connected reader, who got all events up to the number ``seen``.

    ``network`` is the client's, ``None`` if unknown.
    """

    def __init__(
        self, credentials: StreamCredentials, subscription: Subscription, seen: int, ends_at: float,
        network: str | None = None,
    ) -> None:
        self.credentials, self.subscription = credentials, subscription
        self.seen, self.ends_at = seen, ends_at
        self.network = network
        self.ended = False

    def end(self) -> None:
        """End the stream after the event in progress."""
        self.ended = True
        self.subscription.wake()


class Broadcaster:
    """Subscriptions and readers of this process. Everything except database access runs in one event loop."""

    def __init__(self, database: Database, settings: SseSettings, authenticator: StreamAuthenticator) -> None:
        self._database, self._settings, self._authenticator = database, settings, authenticator
        self._subscriptions: dict[int, Subscription] = {}
        self._readers: set[StreamReader] = set()
        self._networks: Counter[str] = Counter()
        self._pending_admissions = 0
        self._fresh: list[Subscription] = []
        self._admission_threads = ThreadPoolExecutor(ADMISSION_THREADS, "admission")
        self._threads = ThreadPoolExecutor(THREADS, "stream")
        self._closed = False
        #: What made it impossible to go on.
        self.failure: Exception | None = None

    async def in_thread(self, ask: Callable[..., Answer], *about: object) -> Answer:
        """Run a function that queries the database in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask, *about)

    async def in_admission_thread(self, ask: Callable[..., Answer], *about: object) -> Answer:
        """Run a function that queries the database about a new connection in a thread.

        Raises :class:`~webapp.api.problems.ApiError` if too many clients connect at the same time.
        """
        if self._pending_admissions >= MAX_PENDING_ADMISSIONS:
            raise _over_capacity("most_entering", 503, "Too many clients are connecting. Try again later.")
        self._pending_admissions += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._admission_threads, ask, *about)
        finally:
            self._pending_admissions -= 1

    async def run(self) -> None:
        """Poll for new events and expired credentials until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._poll_forever())
                group.create_task(self._check_forever())
        except* Exception as errors:
            self.failure = errors
            raise

    def close(self) -> None:
        """End all streams and refuse new readers."""
        self._closed = True
        for reader in self._readers:
            reader.end()

    def dispose(self) -> None:
        """Shut the threads down."""
        for pool in (self._admission_threads, self._threads):
            pool.shutdown(wait=False, cancel_futures=True)

    async def resume_point(self, preference_id: int, last_event_id: str | None) -> tuple[StreamPosition, int]:
        """Number of the event to resume after, and of the stream's last known event."""
        return await self.in_admission_thread(self._place, preference_id, last_event_id)

    def _place(self, preference_id: int, last_event_id: str | None) -> tuple[StreamPosition, int]:
        with self._database.reading() as session:
            last = last_numbers(session, [preference_id]).get(preference_id, 0)
            return stream_position(session, preference_id, last_event_id), last

    def check_capacity(self, preference_id: int | None = None, network: str | None = None) -> None:
        """Raise :class:`~webapp.api.problems.ApiError` if a limit of connections is reached."""
        settings = self._settings
        if self._closed or len(self._readers) >= settings.most_readers:
            raise _over_capacity(
                "most_readers", 503, "The server has reached its limit of connections. Try again later.")
        most = settings.most_readers_per_user
        if preference_id in self._subscriptions and len(self._subscriptions[preference_id].readers) >= most:
            raise _over_capacity(
                "most_readers_per_user", 429,
                f"You have {most} open connections, which is the limit. Close one first.")
        most = settings.most_readers_per_address
        if network is not None and self._networks[network] >= most:
            raise _over_capacity(
                "most_readers_per_address", 429,
                f"Your network address has {most} open connections, which is the limit. Close one first.")

    def join(
        self, credentials: StreamCredentials, seen: int, last: int, network: str | None = None,
    ) -> StreamReader:
        """Add a reader who has seen all events up to a number. Raises as :meth:`check_capacity`."""
        self.check_capacity(credentials.preference_id, network)
        subscription = self._subscriptions.setdefault(credentials.preference_id, Subscription(last))
        ends_at = float("inf")
        if credentials.token_id is None:
            # Not all at the same time, should they have come at the same time.
            ends_at = time.monotonic() + SESSION_STREAM_SECONDS * random.uniform(0.8, 1)  # noqa: S311 - no secret
        reader = StreamReader(credentials, subscription, seen, ends_at, network)
        if network is not None:
            self._networks[network] += 1
        subscription.readers.add(reader)
        self._readers.add(reader)
        metrics.stream_readers.set(len(self._readers))
        return reader

    def leave(self, reader: StreamReader) -> None:
        """Remove a reader."""
        if reader in self._readers and reader.network is not None:
            self._networks.subtract([reader.network])
            self._networks = +self._networks  # nothing is kept of a network from which nobody listens
        self._readers.discard(reader)
        reader.subscription.readers.discard(reader)
        if not reader.subscription.readers:
            self._subscriptions.pop(reader.credentials.preference_id, None)
        metrics.stream_readers.set(len(self._readers))

    async def events(self, reader: StreamReader) -> AsyncIterator[bytes]:
        """Unseen events of a reader until the stream ends, each once and in order."""
        subscription = reader.subscription
        while not reader.ended:
            if subscription.last <= reader.seen:
                await subscription.changed.wait()
                continue
            told, until = await self._unseen(reader)
            for number, chunk in told:
                if number <= reader.seen:
                    continue
                # Numbers have no gaps, so what is missing has been pruned.
                if number > reader.seen + 1:
                    yield gap_event(reader.credentials.preference_id, number - 1)
                reader.seen = number
                yield chunk
                if reader.ended:
                    return
            if until > reader.seen:
                reader.seen = until
                yield gap_event(reader.credentials.preference_id, until)

    async def _unseen(self, reader: StreamReader) -> tuple[NumberedEvents, int]:
        """Next events for a reader, and the number up to which they are complete."""
        subscription, last = reader.subscription, reader.subscription.last
        if subscription.before <= reader.seen:
            return subscription.recent, last
        found = await self._retrying(self._read_on, reader.credentials.preference_id, reader.seen)
        return found, found[-1][0] if len(found) == MAX_EVENTS_READ else last

    def _read_on(self, preference_id: int, number: int) -> NumberedEvents:
        with self._database.reading() as session:
            return [(each.number, encode_event(each)) for each in events_after(
                session, preference_id, number, MAX_EVENTS_READ)]

    async def poll(self) -> bool:
        """Publish events since the last poll; returns whether there may be more."""
        known = {
            preference_id: subscription.last for preference_id, subscription in self._subscriptions.items()}
        until, found = await self._retrying(self._new_events, known)
        for subscription in self._fresh:
            subscription.drop_recent()
        self._fresh = []
        for preference_id, last in until.items():
            grown = self._subscriptions.get(preference_id)
            # Somebody may have left, and somebody else come, while we asked.
            if grown is not None and grown.last == known[preference_id]:
                grown.publish(found.get(preference_id, ()), last)
                self._fresh.append(grown)
        return bool(until)

    def _new_events(self, known: Mapping[int, int]) -> tuple[Mapping[int, int], Mapping[int, NumberedEvents]]:
        """New last numbers of streams within one poll's limit, with their events."""
        with self._database.reading() as session:
            now = last_numbers(session, known)
            grown = [each for each, last in now.items() if last > known[each]][:MAX_STREAMS]
            until = {each: min(now[each], known[each] + MAX_EVENTS_PER_STREAM) for each in grown}
            found = events_between(session, {each: (known[each], last) for each, last in until.items()})
        return until, {
            preference_id: [(each.number, encode_event(each)) for each in entries]
            for preference_id, entries in found.items()}

    async def check(self) -> None:
        """End the streams of readers whose credentials expired or have to be checked anew."""
        gone = await self._retrying(
            self._authenticator.expired, {reader.credentials for reader in self._readers}, utc_now())
        now = time.monotonic()
        for reader in self._readers:
            if reader.credentials in gone or reader.ends_at <= now:
                reader.end()

    async def _poll_forever(self) -> None:
        while True:
            if not (self._subscriptions and await self.poll()):
                await asyncio.sleep(POLL_SECONDS)

    async def _check_forever(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self.check()

    async def _retrying(self, ask: Callable[..., Answer], *about: object) -> Answer:
        """Result of a function that queries the database, retried until the database is available."""
        while True:
            try:
                return await self.in_thread(ask, *about)
            except SQLAlchemyError as error:
                log.warning("the database doesn't answer", error=str(error))
                await asyncio.sleep(DATABASE_RETRY_SECONDS)


def _over_capacity(limit: str, status: int, sentence: str) -> ApiError:
    metrics.requests_refused.labels(limit).inc()
    return ApiError(status, sentence, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
