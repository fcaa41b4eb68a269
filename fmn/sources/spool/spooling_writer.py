"""Storing: messages go from the bus into the ledger, or wait in the backlog until the database takes them.

The database is spoken to on a thread of its own. One that hangs holds up nobody who reads the bus: what it
doesn't take in time goes to the backlog, and so does all that comes after that, until the backlog is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from fmn.sources.spool.sqlite_spool import Received

log = structlog.get_logger()

#: Seconds that the database has for a batch before the batch is kept elsewhere. It takes milliseconds.
PATIENCE: Final = 2.0
#: Seconds between looks at the backlog, and so between attempts to store while the database is away.
STORE_AGAIN: Final = 0.5
#: Seconds that a batch which is being stored has to come to an end when we stop. It's in the backlog anyway.
STOP_WITHIN: Final = 5.0

_Order = tuple[Sequence[Received], "Future[bool]"]


class Storer:
    """Stores messages. ``match`` is called with the ids of those that are new, ``heard`` with all of them."""

    def __init__(
        self, database: Database, match: Callable[[list[int]], None], backlog: Backlog,
        heard: Callable[[Iterable[Message]], object] | None = None, freshness: timedelta = timedelta.max,
    ) -> None:
        self._freshness = freshness
        self._database, self._match, self._backlog, self._heard = database, match, backlog, heard
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        #: What is in the backlog and was stored nevertheless.
        self._done: set[tuple[str, str]] = set()
        self._drained = 0
        self._away = False
        self._failure: BaseException | None = None
        #: How many messages were new, known already, or refused.
        self.counts: Counter[str] = Counter()

    def take(self, messages: Sequence[Received]) -> None:
        """Have messages stored. When this returns they're in the ledger or in the backlog."""
        if not (self._backlog.empty and self._stored_at_once(messages)):
            self._backlog.put(messages)

    def _stored_at_once(self, messages: Sequence[Received]) -> bool:
        stored: Future[bool] = Future()
        self._orders.put((messages, stored))
        try:
            return stored.result(PATIENCE)
        except TimeoutError:
            if stored.cancel():
                log.warning("database doesn't answer, messages wait", messages=len(messages))
                return False
            return stored.result()

    @contextmanager
    def running(self, stop: Event) -> Iterator[None]:
        """Store until the end of the block, and then what still waits, unless ``stop`` is set.

        If storing fails for a reason that isn't the database's, ``stop`` is set and that is raised.
        """
        thread = Thread(target=self._run, args=[stop], name="storer", daemon=True)
        thread.start()
        try:
            yield
            while not (stop.is_set() or self._backlog.empty):
                stop.wait(STORE_AGAIN)
        finally:
            self._orders.put(None)
            thread.join(STOP_WITHIN)
            self._backlog.close()
        if self._failure is not None:
            raise self._failure

    def _run(self, stop: Event) -> None:
        try:
            while True:
                try:
                    order = self._orders.get(timeout=STORE_AGAIN)
                except Empty:
                    self._drain(stop)
                    continue
                if order is None:
                    return
                self._obey(*order)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that reads the bus
            self._failure = error
            stop.set()

    def _obey(self, messages: Sequence[Received], stored: Future[bool]) -> None:
        ids = self._store(messages)
        try:
            stored.set_result(ids is not None)
        except InvalidStateError:  # it took so long that they were put into the backlog
            self._done.update(each.message.identity for each in messages if ids is not None)
        if ids:
            self._match(ids)

    def _drain(self, stop: Event) -> None:
        while (portion := self._backlog.first()) is not None:
            if stop.is_set():
                return
            ids = self._store([each for each in portion.messages if each.message.identity not in self._done])
            if ids is None:
                return
            self._backlog.done(portion)
            self._drained += len(portion.messages)
            if ids:
                self._match(ids)
        if self._drained:
            log.info("what waited is stored", messages=self._drained)
        self._drained = 0
        self._done.clear()

    def _store(self, messages: Sequence[Received]) -> list[int] | None:
        """The ids of those that are new; ``None`` if the database is away, or hasn't its tables yet."""
        try:
            now = self._database.now()
            with self._database.transaction() as session:
                ids = store(session, [each.message for each in messages], now,
                            received_at=[each.at for each in messages], freshness=self._freshness)
        except Exception as error:  # noqa: BLE001 - no message may stop the consumer
            if _refuses(error):
                return self._one_by_one(messages, error)
            if not self._away:
                # The driver's words alone: SQLAlchemy would add what was to be stored.
                log.warning("database away, messages wait", reason=str(getattr(error, "orig", error)))
            self._away = True
            return None
        if self._away:
            log.warning("database is back")
        self._away = False
        self._tell(messages, len(ids))
        if self._heard is not None:
            self._heard(each.message for each in messages)
        return ids

    def _tell(self, messages: Sequence[Received], new: int) -> None:
        known, now = len(messages) - new, utc_now()
        self.counts["new"] += new
        self.counts["known"] += known
        metrics.messages_stored.inc(new)
        metrics.messages_known.inc(known)
        for each in messages:
            lag = (now - each.message.sent_at).total_seconds()
            metrics.message_lag_seconds.observe(max(0.0, lag))
        log.info("messages stored", new=new, msg_ids=[each.message.msg_id for each in messages])

    def _one_by_one(self, messages: Sequence[Received], error: Exception) -> list[int] | None:
        """One of them is more than the database takes; the others don't suffer for it."""
        if len(messages) > 1:
            # If the database goes away meanwhile, the sweep finds those whose ids are forgotten here.
            each = [self._store([message]) for message in messages]
            return None if None in each else [new for ids in each for new in ids or ()]
        self.counts["rejected: database"] += 1
        metrics.messages_rejected.labels("database").inc()
        # A database says in words what it refuses. Anything else is a fault of ours.
        log.error("the database refuses a message", msg_id=messages[0].message.msg_id, reason=str(error),
                  exc_info=None if isinstance(error, DBAPIError) else error)
        return []


def _refuses(error: Exception) -> bool:
    """Whether a message is at fault. If not, the database is away, or hasn't its tables yet."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, DBAPIError)
