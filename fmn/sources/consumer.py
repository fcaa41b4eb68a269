"""The consumer: takes messages from the bus into the ledger, and has them matched."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event
from typing import Final, Protocol, Self

import structlog

from fmn.catalog import Message
from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.settings import Settings, SpoolSettings
from fmn.sources.backfill.gap_recorder import Watch
from fmn.sources.fedmsg.parser import Intake
from fmn.sources.fedmsg.rejection import RejectedError
from fmn.sources.spool.backlog import Backlog
from fmn.sources.spool.spooling_writer import Storer
from fmn.sources.spool.sqlite_spool import Received

log = structlog.get_logger()

#: Seconds between the lines that say what came in.
REPORT_EVERY: Final = 60


class Bus(Protocol):
    """Where batches of messages come from."""

    def batches(
        self, stop: Event, size: int = ..., wait_milliseconds: int = ...,
    ) -> Iterator[list[list[bytes]]]:
        """What has arrived, as lists of frames."""


class Consumer:
    """Reads a bus until it's told to stop. ``match`` is called with the ids of messages that are new."""

    def __init__(
        self, bus: Bus, intake: Intake, database: Database, match: Callable[[list[int]], None], *,
        backlog: Backlog | None = None, watch: Watch | None = None, batch_messages: int = 100,
        batch_milliseconds: int = 50,
    ) -> None:
        self._bus = bus
        self._intake = intake
        self._watching: Callable[[], AbstractContextManager[None]] = watch.keeping if watch else nullcontext
        self._storer = Storer(
            database, match, backlog or Backlog.from_settings(SpoolSettings()),
            heard=watch.heard if watch else None, freshness=intake.freshness)
        self._batch = batch_messages, batch_milliseconds
        self._rejected: Counter[str] = Counter()
        self._reported = time.monotonic()

    @classmethod
    def from_settings(
        cls, settings: Settings, bus: Bus, database: Database, match: Callable[[list[int]], None],
        watch: Watch | None = None,
    ) -> Self:
        """A consumer with the intake, the batches and the spool that the settings describe."""
        backlog = Backlog.from_settings(settings.spool, missed=watch.was_away if watch else None)
        return cls(
            bus, Intake.from_settings(settings.bus), database, match, backlog=backlog, watch=watch,
            batch_messages=settings.bus.batch_messages, batch_milliseconds=settings.bus.batch_milliseconds)

    def run(self, stop: Event) -> None:
        """Consume until ``stop`` is set."""
        with self._reporting(), self._watching(), self._storer.running(stop):
            for batch in self._bus.batches(stop, *self._batch):
                self.take(batch)
                if time.monotonic() - self._reported >= REPORT_EVERY:
                    self._report()

    def take(self, batch: Sequence[Sequence[bytes]]) -> None:
        """Take one batch in: what's acceptable is stored, the rest is counted by reason."""
        now = utc_now()
        messages = [
            Received(message, now) for frames in batch if (message := self._read(frames)) is not None]
        if messages:
            self._storer.take(messages)

    def _read(self, frames: Sequence[bytes]) -> Message | None:
        metrics.messages_received.inc()
        try:
            return self._intake.read(frames)
        except RejectedError as error:
            metrics.messages_rejected.labels(error.reason.value).inc()
            self._rejected[f"rejected: {error.reason.value}"] += 1
            log.debug("message rejected", reason=error.reason.value, detail=str(error))
            return None

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        log.info("consumer started")
        try:
            yield
        finally:
            self._report()

    def _report(self) -> None:
        counts = {**self._storer.counts, **self._rejected}
        log.info("messages from the bus", **{key: n for key, n in counts.items() if n})
        self._reported = time.monotonic()
