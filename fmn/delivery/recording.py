"""Recorder of outcomes, with those of the same moment in one transaction (group commit).

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
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from fmn.infra import metrics
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.dedicated_connection import DATABASE_AWAY, DedicatedConnection, wait_to_retry
from fmn.ledger import deliveries
from fmn.ledger.deliveries import Finished
from fmn.ledger.models import DeliveryState
from fmn.ledger.reasons import Reason

log = structlog.get_logger()


class DeliveryOutcome(NamedTuple):
    """Outcome of an attempt. ``write`` records it, and returns whether it wasn't recorded before.

    Without that it was sent, which is what most are, and is recorded for many at once. ``dropped`` is why it
    was dropped, if it was. ``msg_ids`` are the bus's names of what was in it, and ``receipt`` what the other
    side knows it by: with both in the log, a
    message can be followed from one end to the other.
    """

    delivery_id: int
    context: str
    name: str = DeliveryState.SENT.value
    reason: str = ""
    write: Callable[[Session], bool] | None = None
    dropped: Reason | None = None
    msg_ids: Sequence[str] = ()
    receipt: Mapping[str, str] | None = None

    @property
    def log_fields(self) -> Mapping[str, object]:
        """Fields for the log."""
        return {"delivery": self.delivery_id, "msg_ids": self.msg_ids, **(self.receipt or {})}


@dataclass(slots=True)
class PendingOutcome:
    """An outcome that waits to be recorded; ``error`` is why it can't be."""

    outcome: DeliveryOutcome
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
        self._pending: list[PendingOutcome] = []
        self._list = Lock()
        self._turn = Lock()
        #: Only for whoever has the turn.
        self._connection = DedicatedConnection(database)

    @property
    def pending(self) -> int:
        """Number of outcomes that wait to be recorded."""
        return len(self._pending)

    def record(self, *outcomes: DeliveryOutcome) -> None:
        """Record outcomes, retrying while the database is down; returns when they're committed."""
        mine = [PendingOutcome(outcome) for outcome in outcomes]
        with self._list:
            self._pending += mine
        with self._turn:
            # Whoever had the turn before may have recorded these with their own.
            if not all(one.done for one in mine):
                self._record_pending()
        for one in mine:
            if one.error is not None:
                raise one.error

    def close(self) -> None:
        """Close the connection. A later outcome opens another one."""
        with self._turn:
            self._connection.close()

    def _record_pending(self) -> None:
        with self._list:
            group, self._pending = self._pending, []
        try:
            self._record(group)
        except Exception:  # noqa: BLE001 - each of them gets its own below
            # What one of them can't be recorded for is no reason that others aren't.
            for one in group:
                self._record_alone(one)
        except BaseException:
            # This thread is being ended; the others are to go on.
            with self._list:
                self._pending = [*(one for one in group if not one.done), *self._pending]
            raise

    def _record_alone(self, one: PendingOutcome) -> None:
        try:
            self._record([one])
        except Exception as error:  # noqa: BLE001 - it's raised to whoever waits
            one.error, one.done = error, True

    def _record(self, group: Sequence[PendingOutcome]) -> None:
        # Whoever could take these deliveries over needs the same database, so waiting for it is safe, while
        # giving up would send the mails twice.
        outcomes = [one.outcome for one in group]
        while True:
            try:
                recorded = self._write(outcomes)
                break
            except DATABASE_AWAY:
                log.warning("database away, outcomes not recorded yet",
                            deliveries=[each.delivery_id for each in outcomes])
                wait_to_retry()
        for one in group:
            one.done = True
        _log_and_count(outcomes, recorded)

    def _write(self, outcomes: Sequence[DeliveryOutcome]) -> Collection[int]:
        """Write outcomes; returns the ids of those that weren't recorded before."""
        sent = [each.delivery_id for each in outcomes if each.write is None]
        if len(sent) == len(outcomes):
            finished = self._connection.run(
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


def _log_and_count(outcomes: Sequence[DeliveryOutcome], recorded: Collection[int]) -> None:
    alike: defaultdict[tuple[str, str, str], list[DeliveryOutcome]] = defaultdict(list)
    for each in outcomes:
        if each.delivery_id in recorded:
            alike[each.context, each.name, each.reason].append(each)
            if each.dropped is not None:
                metrics.deliveries_dropped.labels(each.context, each.dropped.label).inc()
        else:
            log.warning("somebody else has the delivery", delivery=each.delivery_id, outcome=each.name)
    for (context, name, reason), those in alike.items():
        metrics.deliveries_finished.labels(context, name).inc(len(those))
        log.info("deliveries recorded", context=context, outcome=name, reason=reason,
                 deliveries=[each.log_fields for each in those])
