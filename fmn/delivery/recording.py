"""The recorder: keeps how deliveries ended, those that end at the same moment in one transaction.

Whoever delivered something waits here until that's recorded, and only then goes on to the next. While one
transaction is being committed, the outcomes of all other threads gather for the one after it: the more
threads deliver, the less each of them waits for the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog
from sqlalchemy.orm import Session

from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.dedicated_connection import AWAY, KeptConnection, pause
from fmn.ledger import deliveries
from fmn.ledger.deliveries import Finished
from fmn.ledger.models import State

log = structlog.get_logger()


@dataclass(frozen=True)
class Outcome:
    """How an attempt to deliver ended. ``write`` records it, and tells whether it was still to be recorded.

    Without that it was sent, which is what most are, and is recorded for many at once. ``msg_ids`` are the
    bus's names of what was in it, and ``receipt`` what the other side knows it by: with both in the log, a
    message can be followed from one end to the other.
    """

    delivery_id: int
    context: str
    name: str = State.SENT.value
    reason: str = ""
    write: Callable[[Session], bool] | None = None
    msg_ids: Sequence[str] = ()
    receipt: Mapping[str, str] | None = None

    @property
    def trace(self) -> Mapping[str, object]:
        """What the log says of it."""
        return {"delivery": self.delivery_id, "msg_ids": self.msg_ids, **(self.receipt or {})}


@dataclass(slots=True)
class Waiting:
    """An outcome that somebody waits for to be recorded; with an ``error`` that it can't be."""

    outcome: Outcome
    done: bool = False
    error: Exception | None = None


class Recorder:
    """Records outcomes. Threads share it.

    That things were sent, which nearly all outcomes are, is recorded over a connection that is kept. When
    :meth:`record` returns, :meth:`Database.now` is no earlier than what the database's clock said in the
    statement that recorded them, whatever stopped this machine meanwhile.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now
        self._waiting: list[Waiting] = []
        self._list = Lock()
        self._turn = Lock()
        #: Only for whoever has the turn.
        self._kept = KeptConnection(database)

    @property
    def waiting(self) -> int:
        """How many outcomes wait for their turn."""
        return len(self._waiting)

    def record(self, *outcomes: Outcome) -> None:
        """Record outcomes, however long it takes; returns when they're committed."""
        mine = [Waiting(outcome) for outcome in outcomes]
        with self._list:
            self._waiting += mine
        with self._turn:
            # Whoever had the turn before may have recorded these with their own.
            if not all(one.done for one in mine):
                self._record_waiting()
        for one in mine:
            if one.error is not None:
                raise one.error

    def close(self) -> None:
        """Give the connection back. What is recorded later opens another one."""
        with self._turn:
            self._kept.close()

    def _record_waiting(self) -> None:
        with self._list:
            group, self._waiting = self._waiting, []
        try:
            self._record(group)
        except Exception:  # noqa: BLE001 - each of them gets its own below
            # What one of them can't be recorded for is no reason that others aren't.
            for one in group:
                self._record_alone(one)
        except BaseException:
            # This thread is being ended; the others are to go on.
            with self._list:
                self._waiting = [*(one for one in group if not one.done), *self._waiting]
            raise

    def _record_alone(self, one: Waiting) -> None:
        try:
            self._record([one])
        except Exception as error:  # noqa: BLE001 - it's raised to whoever waits
            one.error, one.done = error, True

    def _record(self, group: Sequence[Waiting]) -> None:
        # Whoever could take these deliveries over needs the same database, so waiting for it is safe, while
        # giving up would send the mails twice.
        outcomes = [one.outcome for one in group]
        while True:
            try:
                recorded = self._write(outcomes)
                break
            except AWAY:
                log.warning("database away, outcomes not recorded yet",
                            deliveries=[each.delivery_id for each in outcomes])
                pause()
        for one in group:
            one.done = True
        _tell(outcomes, recorded)

    def _write(self, outcomes: Sequence[Outcome]) -> Collection[int]:
        """Record them; returns the ids of those that nobody else had recorded."""
        sent = [each.delivery_id for each in outcomes if each.write is None]
        if len(sent) == len(outcomes):
            finished = self._kept.run(
                lambda connection: deliveries.finish_sent(connection, sent, self._now()))
            self._advance_clock(finished)
            return finished.ids
        with self._database.transaction() as session:
            finished = deliveries.finish_sent(session, sent, self._now())
            recorded = finished.ids | {
                each.delivery_id for each in outcomes if each.write and each.write(session)}
        self._advance_clock(finished)
        return recorded

    def _advance_clock(self, finished: Finished) -> None:
        # Without any row there's no reading either: others recorded all of these while we were stopped.
        self._database.advance_clock(finished.at or self._database.read_clock())


def _tell(outcomes: Sequence[Outcome], recorded: Collection[int]) -> None:
    alike: defaultdict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for each in outcomes:
        if each.delivery_id in recorded:
            alike[each.context, each.name, each.reason].append(each)
        else:
            log.warning("somebody else has the delivery", delivery=each.delivery_id, outcome=each.name)
    for (context, name, reason), those in alike.items():
        metrics.deliveries_finished.labels(context, name).inc(len(those))
        log.info("deliveries recorded", context=context, outcome=name, reason=reason,
                 deliveries=[each.trace for each in those])
