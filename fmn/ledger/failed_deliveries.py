"""Failed deliveries: administrators list, retry or discard them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func, literal, select, update
from sqlalchemy.orm import Session

from fmn.ledger.deliveries import is_free
from fmn.ledger.dropped_deliveries import count_dropped
from fmn.ledger.models import Delivery, DeliveryState
from fmn.ledger.reasons import NO_FAILURE, Reason

#: Reasons shown; whoever has more has one problem with many names.
MOST: Final = 50


@dataclass(frozen=True)
class DeliverySelection:
    """A selection of failed deliveries, by context, by the exact reason or a text in it, and by time.

    Fields that aren't set select all. With ``waiting`` it selects waiting deliveries created since then
    instead.
    """

    context: str | None = None
    reason: str | None = None
    containing: str = ""
    since: datetime | None = None
    waiting: bool = False

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """SQL conditions for the selected deliveries."""
        yield Delivery.state == (DeliveryState.WAITING if self.waiting else DeliveryState.FAILED)
        if self.context is not None:
            yield Delivery.context == self.context
        if self.reason is not None:
            yield Delivery.reason == self.reason
        if self.containing:
            yield Delivery.reason.icontains(self.containing, autoescape=True)
        if self.since is not None:
            yield (Delivery.created_at if self.waiting else Delivery.finished_at) >= self.since


ALL_FAILED: Final = DeliverySelection()


@dataclass(frozen=True)
class FailureGroup:
    """Deliveries of one context with the same reason, and when the last of them ended, or was created."""

    context: str
    reason: str
    count: int
    last: datetime | None


def failure_groups(
    session: Session, which: DeliverySelection = ALL_FAILED, most: int = MOST,
) -> Sequence[FailureGroup]:
    """Count deliveries by context and reason; returns the ``most`` frequent groups, largest first."""
    many = func.count().label("many")
    last = func.max(Delivery.created_at if which.waiting else Delivery.finished_at).label("last")
    rows = session.execute(
        select(Delivery.context, Delivery.reason, many, last)
        .where(*which.conditions())
        .group_by(Delivery.context, Delivery.reason)
        .order_by(many.desc(), Delivery.context, Delivery.reason).limit(most))
    return [FailureGroup(row.context, row.reason, row.many, row.last) for row in rows]


def retry_groups(session: Session, most: int = MOST) -> Sequence[FailureGroup]:
    """The same of waiting deliveries whose last attempt failed, with when the last one is tried again."""
    many, last = func.count().label("many"), func.max(Delivery.next_attempt_at).label("last")
    rows = session.execute(
        select(Delivery.context, Delivery.reason, many, last)
        .where(Delivery.state == DeliveryState.WAITING, Delivery.reason.not_in(NO_FAILURE))
        .group_by(Delivery.context, Delivery.reason)
        .order_by(many.desc(), Delivery.context, Delivery.reason).limit(most))
    return [FailureGroup(row.context, row.reason, row.many, row.last) for row in rows]


def retry(session: Session, which: DeliverySelection, now: datetime) -> int:
    """Retry these deliveries now; returns how many there are.

    Their age still counts: one that is older than the retry limit gets a single attempt.
    """
    return _change(
        session, which, now, state=DeliveryState.WAITING, next_attempt_at=now, enqueued_at=None,
        finished_at=None).total()


def discard(session: Session, which: DeliverySelection, now: datetime) -> int:
    """Drop these deliveries for good; returns how many there were."""
    text: Any = Reason.DISCARDED.sentence
    if not which.waiting:
        text = literal(Reason.DISCARDED.with_detail(""), Text) + Delivery.reason
    contexts = _change(session, which, now, state=DeliveryState.DROPPED, reason=text, finished_at=now)
    for context, count in contexts.items():
        count_dropped(session, context, Reason.DISCARDED, count)
    return contexts.total()


def _change(session: Session, which: DeliverySelection, now: datetime, **values: Any) -> Counter[str]:
    """Update free deliveries; returns how many there were by context."""
    # A claimed delivery is its backend's.
    return Counter(session.scalars(
        update(Delivery).where(*which.conditions(), is_free(now)).values(**values)
        .returning(Delivery.context).execution_options(synchronize_session=False)))
