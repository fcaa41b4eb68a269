"""Writer of messages to the ledger, which falls back to the backlog while the database is down or slow.

A thread of its own writes to the database, so a database that hangs doesn't delay reading a bus. A batch
that isn't stored in time goes to the backlog, and so do all later ones until the backlog is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from fmn.catalog import Message
from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.sources.spool.backlog import Backlog
from fmn.sources.spool.sqlite_spool import ReceivedMessage

log = structlog.get_logger()

#: Seconds for the database to store a batch, before the batch goes to the backlog. Usually milliseconds.
STORE_TIMEOUT: Final = 2.0
#: Seconds between reads of the backlog, and between attempts while the database is down.
RETRY_SECONDS: Final = 0.5
#: Seconds for the current batch at a stop. It's in the backlog anyway.
STOP_TIMEOUT: Final = 5.0

_WriteJob = tuple[Sequence[ReceivedMessage], "Future[bool]"]


def _do_nothing() -> None:
    """Do nothing before a write."""


class SpoolingWriter:
    """Writer of received messages, with the spool to fall back on.

    ``match`` is called with the ids of new messages, ``on_stored`` with all messages. ``before_storing`` is
    called by the writing thread before each write, and while it's idle. Several threads may write.
    """

    def __init__(
        self, database: Database, match: Callable[[list[int]], None], backlog: Backlog,
        on_stored: Callable[[Sequence[Message]], object] | None = None, freshness: timedelta = timedelta.max,
        before_storing: Callable[[], object] = _do_nothing,
    ) -> None:
        self._freshness, self._before_storing = freshness, before_storing
        self._database, self._match, self._backlog, self._on_stored = database, match, backlog, on_stored
        self._jobs: SimpleQueue[_WriteJob | None] = SimpleQueue()
        #: Messages of the backlog that were stored late after all.
        self._done: set[tuple[str, str]] = set()
        self._drained = 0
        self._away = False
        self._failure: BaseException | None = None
        #: Numbers of new, known and rejected messages.
        self.counts: Counter[str] = Counter()

    def write(self, messages: Sequence[ReceivedMessage]) -> None:
        """Write messages. On return they are in the ledger or in the backlog."""
        if not (self._backlog.empty and self._stored_at_once(messages)):
            self._backlog.put(messages)

    def write_durably(
        self, messages: Sequence[ReceivedMessage], stop: Event, waiting: Callable[[], object] = _do_nothing,
    ) -> bool:
        """Write messages whose sender keeps them until they're safe; returns whether they are.

        They are in the ledger or on disk then, never in memory only. Waits for room until ``stop`` is set,
        and calls ``waiting`` meanwhile.
        """
        while not (self._backlog.empty and self._stored_at_once(messages)):
            if self._backlog.put_durably(messages):
                return True
            waiting()
            if stop.wait(RETRY_SECONDS):
                return False
        return True

    def _stored_at_once(self, messages: Sequence[ReceivedMessage]) -> bool:
        stored: Future[bool] = Future()
        self._jobs.put((messages, stored))
        try:
            return stored.result(STORE_TIMEOUT)
        except TimeoutError:
            if stored.cancel():
                log.warning("database doesn't answer, messages wait", messages=len(messages))
                return False
            return stored.result()

    @contextmanager
    def running(self, stop: Event) -> Iterator[None]:
        """Run the writing thread until the end of the block, then empty the backlog unless ``stop`` is set.

        An error that isn't the database's sets ``stop`` and is raised.
        """
        thread = Thread(target=self._run, args=[stop], name="spooling writer", daemon=True)
        thread.start()
        try:
            yield
            while not (stop.is_set() or self._backlog.empty):
                stop.wait(RETRY_SECONDS)
        finally:
            self._jobs.put(None)
            thread.join(STOP_TIMEOUT)
            self._backlog.close()
        if self._failure is not None:
            raise self._failure

    def _run(self, stop: Event) -> None:
        try:
            while True:
                try:
                    job = self._jobs.get(timeout=RETRY_SECONDS)
                except Empty:
                    self._before_storing()
                    self._drain(stop)
                    continue
                if job is None:
                    return
                self._execute(*job)
        except BaseException as error:  # noqa: BLE001 - raised by the main thread
            self._failure = error
            stop.set()

    def _execute(self, messages: Sequence[ReceivedMessage], stored: Future[bool]) -> None:
        if stored.cancelled():  # its messages are in the backlog, or come again
            return
        self._before_storing()
        ids = self._store(messages)
        try:
            stored.set_result(ids is not None)
        except InvalidStateError:  # stored so late that they went to the backlog
            self._done.update(each.message.identity for each in messages if ids is not None)
        if ids:
            self._match(ids)

    def _drain(self, stop: Event) -> None:
        while (batch := self._backlog.peek()) is not None:
            if stop.is_set():
                return
            ids = self._store([each for each in batch.messages if each.message.identity not in self._done])
            if ids is None:
                return
            self._backlog.acknowledge(batch)
            self._drained += len(batch.messages)
            if ids:
                self._match(ids)
        if self._drained:
            log.info("what waited is stored", messages=self._drained)
        self._drained = 0
        self._done.clear()

    def _store(self, messages: Sequence[ReceivedMessage]) -> list[int] | None:
        """Store messages; returns the ids of new ones, ``None`` if the database is down or empty."""
        if not messages:
            return []
        try:
            now = self._database.now()
            with self._database.transaction() as session:
                ids = store(session, [each.message for each in messages], now,
                            received_at=[each.at for each in messages], freshness=self._freshness)
        except Exception as error:  # noqa: BLE001 - no message may stop the consumer
            if _is_rejected(error):
                return self._one_by_one(messages, error)
            if not self._away:
                # The driver's text only: SQLAlchemy adds the values.
                log.warning("database away, messages wait", reason=str(getattr(error, "orig", error)))
            self._away = True
            return None
        if self._away:
            log.warning("database is back")
        self._away = False
        self._count(messages, len(ids))
        if self._on_stored is not None:
            self._on_stored([each.message for each in messages])
        return ids

    def _count(self, messages: Sequence[ReceivedMessage], new: int) -> None:
        known, now = len(messages) - new, utc_now()
        self.counts["new"] += new
        self.counts["known"] += known
        metrics.messages_stored.inc(new)
        metrics.messages_known.inc(known)
        for each in messages:
            lag = (now - each.message.sent_at).total_seconds()
            metrics.message_lag_seconds.observe(max(0.0, lag))
        log.info("messages stored", new=new, msg_ids=[each.message.msg_id for each in messages])

    def _one_by_one(self, messages: Sequence[ReceivedMessage], error: Exception) -> list[int] | None:
        """Store messages one by one after the database refused one of them."""
        if len(messages) > 1:
            # If the database fails meanwhile, the sweep enqueues those whose ids are lost here.
            each = [self._store([message]) for message in messages]
            return None if None in each else [new for ids in each for new in ids or ()]
        self.counts["rejected: database"] += 1
        metrics.messages_rejected.labels("database", messages[0].message.source).inc()
        # The database's error says what it refuses; any other error is a bug and needs its traceback.
        log.error("the database refuses a message", msg_id=messages[0].message.msg_id, reason=str(error),
                  exc_info=None if isinstance(error, DBAPIError) else error)
        return []


def _is_rejected(error: Exception) -> bool:
    """Whether a message is at fault, rather than a database that is down or has no tables yet."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, DBAPIError)
