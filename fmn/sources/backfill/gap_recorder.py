"""The watch of a consumer: notes until when it heard everything, and when it didn't.

It only remembers what it's told; a thread of its own writes that down, so a database that is away holds up
nobody. Then it's written down later: what was heard is never on record before it's in the ledger.
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
from fmn.sources.backfill.gaps import Gap, heard_until, note_gap, note_heard

log = structlog.get_logger()

#: Seconds between looks whether there's something to write down; and how often what was heard is.
LOOK_EVERY: Final = 1.0
NOTE_EVERY: Final = timedelta(seconds=10)
#: What is asked for besides a gap: what may have been on its way to us or in our memory when it began, a link
#: that was dead for a minute before that was noticed, and clocks of publishers that are off.
BEFORE: Final = timedelta(minutes=5)
#: A process that is this late for its next look was stopped, or its host was asleep: publishers drop what
#: they can't send for so long.
ASLEEP: Final = timedelta(seconds=30)


class Watch:
    """What one consumer hears and misses. Threads may share it."""

    def __init__(
        self, database: Database, sources: Collection[str], again: timedelta, *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """``sources`` are to be asked about gaps, at once and ``again`` after a while."""
        self._database, self._sources, self._again, self._now = database, sources, again, now
        self._started = now()
        self._began = False
        self._gaps: list[Gap] = []
        self._heard: datetime | None = None
        self._noted: datetime | None = None
        self._looked = self._started
        self._fails = False
        self._lock = Lock()

    @classmethod
    def from_settings(cls, settings: CatchupSettings, database: Database) -> Self:
        """A watch that has those asked whom the settings name."""
        return cls(database, settings.sources, timedelta(minutes=settings.look_again_minutes))

    def heard(self, messages: Iterable[Message]) -> None:
        """These came live and are in the ledger now."""
        latest = min(max((message.sent_at for message in messages), default=self._started), self._now())
        with self._lock:
            self._heard = latest if self._heard is None else max(self._heard, latest)

    def was_away(self, since: datetime, until: datetime) -> None:
        """Something sent in that time may have been missed."""
        with self._lock:
            self._gaps.append(Gap(since - BEFORE, until))

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Write down what there is to be until the end of the block."""
        stop = Event()
        thread = Thread(target=self._run, args=[stop], name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(LOOK_EVERY)

    def _run(self, stop: Event) -> None:
        self.look()
        while not stop.wait(LOOK_EVERY):
            self.look()
        self.look(last=True)

    def look(self, *, last: bool = False) -> None:
        """Write down what there is to be; what can't be is left for the next look."""
        now = self._now()
        if now - self._looked > ASLEEP:
            self.was_away(self._looked, now)
        self._looked = now
        try:
            self._write(now, last=last)
        except Exception as error:  # noqa: BLE001 - whatever it is, the bus is to be listened to
            if not self._fails:
                log.warning("gaps can't be noted, later again", reason=repr(error))
            self._fails = True
        else:
            self._fails = False

    def _write(self, now: datetime, *, last: bool) -> None:
        with self._lock:
            gaps, heard = list(self._gaps), self._heard
        due = heard is not None and (self._noted is None or last or now - self._noted >= NOTE_EVERY)
        if self._began and not gaps and not due:
            return
        with self._database.transaction() as session:
            found = list(gaps)
            if not self._began and (until := heard_until(session)) is not None:
                found.append(Gap(min(until, self._started) - BEFORE, self._started))
            if found:
                whole = Gap(min(gap.since for gap in found), max(gap.until for gap in found))
                note_gap(session, self._sources, whole, now, self._again)
                log.info("messages may be missing", since=whole.since.isoformat(),
                         until=whole.until.isoformat(), asked=len(self._sources))
            if heard is not None:
                note_heard(session, heard)
        with self._lock:
            self._began = True
            if heard is not None:
                self._noted = now
            del self._gaps[:len(gaps)]
