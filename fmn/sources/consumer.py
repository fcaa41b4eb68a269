"""Consumer: reads messages from the bus, stores them in the ledger, and enqueues their matching."""

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
from fmn.sources.backfill.gap_recorder import GapRecorder
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.rejection import MessageRejectedError
from fmn.sources.spool.backlog import Backlog
from fmn.sources.spool.spooling_writer import SpoolingWriter
from fmn.sources.spool.sqlite_spool import ReceivedMessage

log = structlog.get_logger()

#: Seconds between log lines with counts.
REPORT_SECONDS: Final = 60


class MessageSource(Protocol):
    """Interface of a source of message batches."""

    def batches(
        self, stop: Event, size: int = ..., wait_milliseconds: int = ...,
    ) -> Iterator[list[list[bytes]]]:
        """Batches of messages, each message a list of frames."""


class Consumer:
    """Consumer of a bus. Calls ``match`` with the ids of new messages."""

    def __init__(
        self, bus: MessageSource, message_parser: MessageParser, database: Database,
        match: Callable[[list[int]], None], *,
        backlog: Backlog | None = None, gap_recorder: GapRecorder | None = None, batch_messages: int = 100,
        batch_milliseconds: int = 50,
    ) -> None:
        self._bus = bus
        self._message_parser = message_parser
        self._recording_gaps: Callable[
            [], AbstractContextManager[None]] = gap_recorder.running if gap_recorder else nullcontext
        self._writer = SpoolingWriter(
            database, match, backlog or Backlog.from_settings(SpoolSettings()),
            on_stored=gap_recorder.received if gap_recorder else None, freshness=message_parser.freshness)
        self._batch = batch_messages, batch_milliseconds
        self._rejected: Counter[str] = Counter()
        self._reported = time.monotonic()

    @classmethod
    def from_settings(
        cls, settings: Settings, bus: MessageSource, database: Database, match: Callable[[list[int]], None],
        gap_recorder: GapRecorder | None = None,
    ) -> Self:
        """The consumer of the settings: its parser, batch sizes and spool."""
        backlog = Backlog.from_settings(
            settings.spool, on_dropped=gap_recorder.record_gap_at if gap_recorder else None)
        return cls(
            bus, MessageParser.from_settings(settings.bus), database, match, backlog=backlog,
            gap_recorder=gap_recorder,
            batch_messages=settings.bus.batch_messages, batch_milliseconds=settings.bus.batch_milliseconds)

    def run(self, stop: Event) -> None:
        """Consume until ``stop`` is set."""
        with self._reporting(), self._recording_gaps(), self._writer.running(stop):
            for batch in self._bus.batches(stop, *self._batch):
                self.ingest(batch)
                if time.monotonic() - self._reported >= REPORT_SECONDS:
                    self._report()

    def ingest(self, batch: Sequence[Sequence[bytes]]) -> None:
        """Store the acceptable messages of a batch, and count the rejected ones by reason."""
        now = utc_now()
        messages = [
            ReceivedMessage(message, now) for frames in batch if (message := self._read(frames)) is not None]
        if messages:
            self._writer.write(messages)

    def _read(self, frames: Sequence[bytes]) -> Message | None:
        metrics.messages_received.inc()
        try:
            return self._message_parser.parse(frames)
        except MessageRejectedError as error:
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
        counts = {**self._writer.counts, **self._rejected}
        log.info("messages from the bus", **{key: n for key, n in counts.items() if n})
        self._reported = time.monotonic()
