"""Delivery claims and results: a lease on each delivery, and how each attempt ended.

A claim is one conditional UPDATE, so of two processes that claim a delivery one gets it. A claim expires by
itself, so a process that dies delays its deliveries only briefly. Nobody may send a delivery without a claim
on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, bindparam, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from fmn.infra.column_types import clock_reading
from fmn.infra.db import Base
from fmn.infra.id_lists import in_ids
from fmn.infra.prepared_statements import PreparedStatement
from fmn.ledger.models import ENDED, Delivery, DeliveryState

_TABLE: Final = Base.metadata.tables[Delivery.__tablename__]
#: Of deliveries that are named by their ids. Asked whether they wait, PostgreSQL would rather read its index
#: of all that does, of which it remembers that there's next to nothing just when there's most.
IS_OPEN: Final = _TABLE.c.state.not_in(ENDED)
#: Made once, of the table: making a statement of a model's attributes takes longer than running it.
_FINISH_SENT: Final = PreparedStatement(
    update(_TABLE)
    .where(in_ids(_TABLE.c.id, "ids"), IS_OPEN)
    .values(state=DeliveryState.SENT, reason="", attempts=_TABLE.c.attempts + 1, finished_at=bindparam("now"),
            claimed_by=None, claimed_until=None)
    .returning(_TABLE.c.id, clock_reading()))
_CLAIM: Final = PreparedStatement(
    update(_TABLE)
    .where(_TABLE.c.id.in_(
        select(_TABLE.c.id)
        .where(in_ids(_TABLE.c.id, "ids"), IS_OPEN,
               _TABLE.c.next_attempt_at <= bindparam("now"),
               or_(_TABLE.c.claimed_until.is_(None), _TABLE.c.claimed_until <= bindparam("now"),
                   _TABLE.c.claimed_by == bindparam("claimant")))
        .with_for_update(skip_locked=True)))
    .values(claimed_by=bindparam("claimant"), claimed_until=bindparam("until"))
    .returning(_TABLE.c.id))

_DESTINATIONS: Final = select(_TABLE.c.id, _TABLE.c.destination).where(in_ids(_TABLE.c.id, "ids"))


def claim(
    session: Session | Connection, ids: Sequence[int], claimant: str, now: datetime, lasting: timedelta,
) -> list[int]:
    """Claim those of the deliveries that are due and free; returns their ids, each once, in the given order.

    Rows that another transaction has locked are skipped, so that one hanging process can't block all others.
    What ``claimant`` has claimed already is its own: it may ask again if the answer was lost.
    """
    rows = _CLAIM.rows(session, {"ids": ids, "claimant": claimant, "now": now, "until": now + lasting})
    claimed = {row[0] for row in rows}
    return [delivery_id for delivery_id in dict.fromkeys(ids) if delivery_id in claimed]


def renew(
    session: Session, ids: Sequence[int], claimant: str, now: datetime, lasting: timedelta,
) -> frozenset[int]:
    """Extend the claims that haven't expired; returns the ids of the deliveries still claimed."""
    return frozenset(session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(ids), IS_OPEN,
               Delivery.claimed_by == claimant, Delivery.claimed_until > now)
        .values(claimed_until=now + lasting)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)))


class Finished(NamedTuple):
    """The deliveries that a statement finished, and the database's clock at that moment.

    ``ids`` leaves out deliveries that had been finished before; without any, ``at`` is ``None``.
    """

    ids: set[int]
    at: datetime | None


def finish_sent(session: Session | Connection, ids: Sequence[int], now: datetime) -> Finished:
    """Record that deliveries were sent, whoever holds their claims by now."""
    rows = _FINISH_SENT.rows(session, {"ids": ids, "now": now}) if ids else ()
    return Finished({row[0] for row in rows}, rows[0][1] if rows else None)


def finish(
    session: Session, delivery_id: int, claimant: str, state: DeliveryState, reason: str, now: datetime,
) -> bool:
    """Record that a delivery failed or was dropped; false if the claim was lost."""
    tried = 0 if state is DeliveryState.DROPPED else 1
    return _update(
        session, delivery_id, Delivery.claimed_by == claimant, attempts=Delivery.attempts + tried,
        state=state, reason=reason, finished_at=now, claimed_by=None, claimed_until=None)


def schedule_retry(
    session: Session, delivery_id: int, claimant: str, reason: str, next_attempt_at: datetime,
) -> bool:
    """Record a failed attempt and the time of the next one; false if the claim was lost."""
    return _update(
        session, delivery_id, Delivery.claimed_by == claimant, attempts=Delivery.attempts + 1, reason=reason,
        next_attempt_at=next_attempt_at, enqueued_at=None, claimed_by=None, claimed_until=None)


def reschedule(session: Session, delivery_id: int, claimant: str, reason: str, until: datetime) -> bool:
    """Postpone a delivery without an attempt; false if the claim was lost."""
    return _update(
        session, delivery_id, Delivery.claimed_by == claimant, reason=reason,
        next_attempt_at=until, enqueued_at=None, claimed_by=None, claimed_until=None)


def _update(
    session: Session, delivery_id: int, *conditions: ColumnElement[bool], **values: Any,
) -> bool:
    result = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, IS_OPEN, *conditions)
        .values(**values)
        .execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def enqueue_due(session: Session, context: str, now: datetime, grace: timedelta, limit: int) -> list[int]:
    """Ids of a context's due deliveries that have no task, longest due first; marks them enqueued.

    Each context has a limit of its own. With a common one, a context whose backend is down would use it up.
    """
    ids = list(session.scalars(
        select(Delivery.id)
        .where(Delivery.context == context, Delivery.state == DeliveryState.WAITING,
               Delivery.next_attempt_at <= now, is_free(now),
               or_(Delivery.enqueued_at.is_(None), Delivery.enqueued_at <= now - grace))
        .order_by(Delivery.next_attempt_at, Delivery.id).limit(limit)
        .with_for_update(skip_locked=True)))
    session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(enqueued_at=now))
    return ids


def destinations(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
    """The destinations of deliveries, by their ids in the given order."""
    found = {row[0]: row[1] for row in session.execute(_DESTINATIONS, {"ids": ids})} if ids else {}
    return {delivery_id: found[delivery_id] for delivery_id in ids if delivery_id in found}


def is_free(now: datetime) -> ColumnElement[bool]:
    """Condition: nobody has a claim on a delivery."""
    return or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now)
