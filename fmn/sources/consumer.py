"""Consumer: stores the batches of any number of sources in the ledger, and enqueues their matching."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Final, Self

import structlog

from fmn.catalog import Message
from fmn.infra import metrics
from fmn.infra.db import Database
from fmn.settings import Settings, SpoolSettings
from fmn.sources.contract import Batch, Source
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.spool.backlog import Backlog
from fmn.sources.spool.spooling_writer import SpoolingWriter
from fmn.sources.unreadable_keeper import UnreadableKeeper

log = structlog.get_logger()

#: Seconds between log lines with counts.
REPORT_SECONDS: Final = 60.0


class Consumer:
    """Consumer of sources, each read in a thread of its own. Calls ``match`` with the ids of new messages."""

    def __init__(
        self, sources: Sequence[Source], database: Database, match: Callable[[list[int]], None], *,
        backlog: Backlog | None = None, freshness: timedelta = timedelta.max,
    ) -> None:
        """``freshness`` is the age at receipt above which a message counts as late."""
        self._sources = sources
        self._keeper = UnreadableKeeper(database)
        self._writer = SpoolingWriter(
            database, match, backlog or Backlog.from_settings(SpoolSettings()),
            on_stored=self._tell_stored, freshness=freshness, before_storing=self._keeper.flush)
        self._rejected: Counter[str] = Counter()
        self._lock = Lock()
        #: Errors of sources, which end the consumer.
        self._failures: list[BaseException] = []
        self._reported = time.monotonic()

    @classmethod
    def from_settings(
        cls, settings: Settings, sources: Sequence[Source], database: Database,
        match: Callable[[list[int]], None],
    ) -> Self:
        """The consumer of these sources, with the settings' spool."""
        def tell_dropped(since: datetime, until: datetime) -> None:
            for source in sources:
                source.dropped(since, until)

        return cls(
            sources, database, match, backlog=Backlog.from_settings(settings.spool, on_dropped=tell_dropped),
            freshness=timedelta(minutes=settings.bus.freshness_minutes))

    def run(self, stop: Event) -> None:
        """Consume until ``stop`` is set, or all sources have ended. Raises the error of a source."""
        with self._reporting(), self._writer.running(stop):
            threads = [
                Thread(target=self._read, args=[source, stop], name=f"source {source.name}", daemon=True)
                for source in self._sources]
            for thread in threads:
                thread.start()
            self._wait(threads)
            if self._failures:
                raise self._failures[0]

    def _wait(self, threads: Iterable[Thread]) -> None:
        for thread in threads:
            while thread.is_alive():
                thread.join(max(0.0, self._reported + REPORT_SECONDS - time.monotonic()))
                if time.monotonic() >= self._reported + REPORT_SECONDS:
                    self._report()

    def _read(self, source: Source, stop: Event) -> None:
        try:
            with source.running():
                for batch in source.batches(stop):
                    self.ingest(source, batch, stop)
        except BaseException as error:  # noqa: BLE001 - raised by the main thread
            self._failures.append(error)
            stop.set()

    def ingest(self, source: Source, batch: Batch, stop: Event) -> None:
        """Store a batch and tell its source that it's safe; count what was rejected by reason.

        If ``stop`` is set while the batch waits for room, it isn't acknowledged.
        """
        self._count(source, batch)
        self._keeper.add(batch.unreadable)
        if source.acknowledges:
            if self._writer.write_durably(batch.messages, stop, source.waiting):
                source.safe(batch)
        elif batch.messages:
            self._writer.write(batch.messages)
            source.safe(batch)

    def _count(self, source: Source, batch: Batch) -> None:
        received = metrics.messages_received.labels(source.name)
        received.inc(len(batch.messages) + len(batch.rejected))
        for error in batch.rejected:
            self._count_rejected(source, error)

    def _count_rejected(self, source: Source, error: MessageRejectedError) -> None:
        reason = error.reason.value
        metrics.messages_rejected.labels(reason, source.name).inc()
        with self._lock:
            self._rejected[f"rejected: {reason}"] += 1
        log.debug("message rejected", source=source.name, reason=reason, detail=str(error))

    def _tell_stored(self, messages: Sequence[Message]) -> None:
        for source in self._sources:
            if own := [message for message in messages if message.source == source.name]:
                source.stored(own)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        log.info("consumer started", sources=[source.name for source in self._sources])
        try:
            yield
        finally:
            self._report()

    def _report(self) -> None:
        with self._lock:
            counts = {**self._writer.counts, **self._rejected}
        log.info("messages received", **{key: n for key, n in counts.items() if n})
        self._reported = time.monotonic()
