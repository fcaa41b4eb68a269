"""Gap recorder of a consumer: records until when it received everything, and the gaps.

Calls only update memory; a thread writes to the database, so a database that is down delays nobody. Progress
is recorded only after the messages are in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Final, Self

import structlog

from fmn.catalog import Message
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.settings import CatchupSettings
from fmn.sources.backfill.gaps import Gap, received_until, record_gap, set_received_until

log = structlog.get_logger()

#: Seconds between checks for gaps to record, and between records of progress.
FLUSH_SECONDS: Final = 1.0
RECEIVED_UNTIL_INTERVAL: Final = timedelta(seconds=10)
#: Margin around a gap: messages in transit or in memory when it began, a connection that was dead for a
#: minute before that was noticed, and wrong clocks of publishers.
OVERLAP: Final = timedelta(minutes=5)
#: Delay of a check after which the process must have been stopped or its host asleep: publishers drop
#: messages that they can't send for so long.
SUSPENDED_AFTER: Final = timedelta(seconds=30)


class GapRecorder:
    """Received times and gaps of one consumer. Thread-safe."""

    def __init__(
        self, database: Database, sources: Collection[str], recheck_after: timedelta, *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Each of ``sources`` backfills a gap at once, and again after ``recheck_after``."""
        self._database, self._sources, self._recheck_after, self._now = database, sources, recheck_after, now
        self._started = now()
        self._startup_gap_recorded = False
        self._gaps: list[Gap] = []
        self._received: datetime | None = None
        self._written_at: datetime | None = None
        self._last_flush = self._started
        self._failing = False
        self._lock = Lock()

    @classmethod
    def from_settings(cls, settings: CatchupSettings, database: Database) -> Self:
        """The gap recorder for the settings' sources."""
        return cls(database, settings.sources, timedelta(minutes=settings.look_again_minutes))

    def received(self, messages: Iterable[Message]) -> None:
        """Record that these live messages are in the ledger."""
        latest = min(max((message.sent_at for message in messages), default=self._started), self._now())
        with self._lock:
            self._received = latest if self._received is None else max(self._received, latest)

    def record_gap_at(self, since: datetime, until: datetime) -> None:
        """Record that messages sent in this time may be missing."""
        with self._lock:
            self._gaps.append(Gap(since - OVERLAP, until))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the writing thread until the end of the block."""
        stop = Event()
        thread = Thread(target=self._run, args=[stop], name="gap recorder", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(FLUSH_SECONDS)

    def _run(self, stop: Event) -> None:
        self.flush()
        while not stop.wait(FLUSH_SECONDS):
            self.flush()
        self.flush(last=True)

    def flush(self, *, last: bool = False) -> None:
        """Write pending records to the database; what fails stays pending."""
        now = self._now()
        if now - self._last_flush > SUSPENDED_AFTER:
            self.record_gap_at(self._last_flush, now)
        self._last_flush = now
        try:
            self._write(now, last=last)
        except Exception as error:  # noqa: BLE001 - whatever it is, the bus is to be listened to
            if not self._failing:
                log.warning("gaps can't be noted, later again", reason=repr(error))
            self._failing = True
        else:
            self._failing = False

    def _write(self, now: datetime, *, last: bool) -> None:
        with self._lock:
            gaps, received = list(self._gaps), self._received
        due = received is not None and (
            self._written_at is None or last or now - self._written_at >= RECEIVED_UNTIL_INTERVAL)
        if self._startup_gap_recorded and not gaps and not due:
            return
        with self._database.transaction() as session:
            found = list(gaps)
            if not self._startup_gap_recorded and (until := received_until(session)) is not None:
                found.append(Gap(min(until, self._started) - OVERLAP, self._started))
            if found:
                whole = Gap(min(gap.since for gap in found), max(gap.until for gap in found))
                record_gap(session, self._sources, whole, now, self._recheck_after)
                log.info("messages may be missing", since=whole.since.isoformat(),
                         until=whole.until.isoformat(), asked=len(self._sources))
            if received is not None:
                set_received_until(session, received)
        with self._lock:
            self._startup_gap_recorded = True
            if received is not None:
                self._written_at = now
            del self._gaps[:len(gaps)]
