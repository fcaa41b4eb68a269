"""The consumer: takes messages from the bus into the ledger, and has them matched."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from typing import Final, Protocol, Self

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from fmn import metrics
from fmn.bus.intake import Intake
from fmn.bus.rejection import RejectedError
from fmn.catalog import Message
from fmn.db import Database
from fmn.ledger.messages import store
from fmn.settings import BusSettings

log = structlog.get_logger()

#: Seconds between the lines that say what came in.
REPORT_EVERY: Final = 60
#: Pause, in seconds, between attempts to store while the database is away. The bus waits in memory.
STORE_AGAIN: Final = 0.5


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
        batch_messages: int = 100, batch_milliseconds: int = 50,
    ) -> None:
        self._bus = bus
        self._intake = intake
        self._database = database
        self._match = match
        self._batch = batch_messages, batch_milliseconds
        self._seen: Counter[str] = Counter()
        self._reported = time.monotonic()

    @classmethod
    def from_settings(
        cls, settings: BusSettings, bus: Bus, database: Database, match: Callable[[list[int]], None],
    ) -> Self:
        """A consumer with the intake and the batches that the settings describe."""
        return cls(
            bus, Intake.from_settings(settings), database, match,
            batch_messages=settings.batch_messages, batch_milliseconds=settings.batch_milliseconds)

    def run(self, stop: Event) -> None:
        """Consume until ``stop`` is set."""
        with self._reporting():
            for batch in self._bus.batches(stop, *self._batch):
                self.take(batch, stop)
                if time.monotonic() - self._reported >= REPORT_EVERY:
                    self._report()

    def take(self, batch: Sequence[Sequence[bytes]], stop: Event) -> None:
        """Take one batch in: what's acceptable goes into the ledger, the rest is counted by reason."""
        messages = [message for frames in batch if (message := self._read(frames)) is not None]
        ids = self._store(messages, stop) if messages else []
        if ids:
            self._match(ids)

    def _read(self, frames: Sequence[bytes]) -> Message | None:
        metrics.messages_received.inc()
        try:
            return self._intake.read(frames)
        except RejectedError as error:
            metrics.messages_rejected.labels(error.reason.value).inc()
            self._seen[f"rejected: {error.reason.value}"] += 1
            log.debug("message rejected", reason=error.reason.value, detail=str(error))
            return None

    def _store(self, messages: Sequence[Message], stop: Event) -> list[int]:
        while True:
            try:
                with self._database.transaction() as session:
                    ids = store(session, messages, datetime.now(UTC))
                self._count(new=len(ids), known=len(messages) - len(ids))
                return ids
            except Exception as error:  # noqa: BLE001 - no message may stop the consumer
                if _refuses(error):
                    return self._one_by_one(messages, stop, error)
                log.warning("database away, messages wait", messages=len(messages), reason=str(error))
                if stop.wait(STORE_AGAIN):
                    log.error("stopped with messages not stored", messages=len(messages))
                    return []

    def _count(self, new: int, known: int) -> None:
        self._seen["new"] += new
        self._seen["known"] += known
        metrics.messages_stored.inc(new)
        metrics.messages_known.inc(known)

    def _one_by_one(self, messages: Sequence[Message], stop: Event, error: Exception) -> list[int]:
        """One of them is more than the database takes; the others don't suffer for it."""
        if len(messages) > 1:
            return [new for message in messages for new in self._store([message], stop)]
        self._seen["rejected: database"] += 1
        metrics.messages_rejected.labels("database").inc()
        log.error("the database refuses a message", msg_id=messages[0].msg_id, exc_info=error)
        return []

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        log.info("consumer started")
        try:
            yield
        finally:
            self._report()

    def _report(self) -> None:
        log.info("messages from the bus", **{key: n for key, n in self._seen.items() if n})
        self._reported = time.monotonic()


def _refuses(error: Exception) -> bool:
    """Whether a message is at fault. If not, the database is away, or hasn't its tables yet."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, DBAPIError)
