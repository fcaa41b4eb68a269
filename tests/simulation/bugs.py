"""Bugs put in on purpose: each has to be found. They change FMN in this Python, for good."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from dramatiq.worker import ConsumerThread, WorkerThread
from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.delivery import backend
from fmn.delivery.backend import Backend
from fmn.delivery.contract import RenderedDelivery
from fmn.delivery.recording import Recorder
from fmn.ledger import deliveries
from fmn.ledger.deliveries import is_free
from fmn.ledger.models import Delivery, DeliveryState
from fmn.sources.spool.backlog import Backlog
from tests.simulation.environment import Site


def commit_after_sends(_site: Site) -> None:
    """A backend records what it sent when all of its chunk is sent."""
    record, deliver = Recorder.record, Backend.deliver
    ended: defaultdict[Recorder, list[Any]] = defaultdict(list)

    def later(self: Recorder, *outcomes: Any) -> None:
        ended[self] += outcomes

    def deliver_all(self: Backend, context: str, ids: Sequence[int]) -> None:
        deliver(self, context, ids)
        recorder: Recorder = vars(self)["_recorder"]
        record(recorder, *ended.pop(recorder, ()))

    patch.object(Recorder, "record", later).start()
    patch.object(Backend, "deliver", deliver_all).start()


def send_without_claim(_site: Site) -> None:
    """A backend looks what is due and free, and notes nothing in the ledger before it has sent it."""
    def due(session: Session, ids: Sequence[int], _who: str, now: datetime, _for: timedelta) -> list[int]:
        return list(session.scalars(
            select(Delivery.id).where(Delivery.id.in_(ids), Delivery.state == DeliveryState.WAITING,
                                      Delivery.next_attempt_at <= now, is_free(now))))

    patch.object(deliveries, "claim", due).start()
    patch.object(deliveries, "renew", lambda _session, ids, *_: frozenset(ids)).start()


def ack_before_commit(_site: Site) -> None:
    """A worker acknowledges a task when it gets it."""
    acknowledge, process = ConsumerThread.post_process_message, WorkerThread.process_message
    done: set[int] = set()

    def once(self: Any, message: Any) -> None:
        if id(message) not in done:
            acknowledge(self, message)

    def acknowledged(self: Any, message: Any) -> None:
        acknowledge(self.consumers[message.queue_name], message)
        done.add(id(message))
        try:
            process(self, message)
        finally:
            done.discard(id(message))

    patch.object(ConsumerThread, "post_process_message", once).start()
    patch.object(WorkerThread, "process_message", acknowledged).start()


def spool_forgets_before_commit(_site: Site) -> None:
    """What waits in the spool is forgotten when it's read, not when the ledger has it."""
    first = Backlog.peek

    def taken(self: Backlog) -> Any:
        portion = first(self)
        if portion is not None:
            self.acknowledge(portion)
        return portion

    patch.object(Backlog, "peek", taken).start()


def no_sweep(site: Site) -> None:
    """Nothing is taken up whose task was lost."""
    for name in ("enqueue_unmatched", "enqueue_isolated", "enqueue_due"):
        patch.object(site.actors, name, lambda *_, **__: []).start()


def claims_never_end(_site: Site) -> None:
    """What somebody claimed who died is theirs for ever."""
    claim = deliveries.claim

    def for_ever(session: Session, ids: Sequence[int], who: str, now: datetime, _for: timedelta) -> list[int]:
        return claim(session, ids, who, now, timedelta(days=3650))

    patch.object(deliveries, "claim", for_ever).start()


def another_key_each_time(_site: Site) -> None:
    """What is sent again looks like something new."""
    render_deliveries = vars(backend)["render_deliveries"]

    def worded(*arguments: Any) -> list[Any]:
        return [
            replace(one, rendered=replace(one.rendered, key=f"{one.rendered.key}-{uuid.uuid4()}"))
            if isinstance(one.rendered, RenderedDelivery) else one for one in render_deliveries(*arguments)]

    patch.dict(vars(backend), {"render_deliveries": worded}).start()


BUGS: Final[Mapping[str, Callable[[Site], None]]] = {
    bug.__name__.replace("_", "-"): bug
    for bug in (
        commit_after_sends, send_without_claim, ack_before_commit, spool_forgets_before_commit, no_sweep,
        claims_never_end, another_key_each_time)
}
