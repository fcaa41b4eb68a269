"""The ledger's recent messages: where the newest ones begin, and how many there are of each event type."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.ledger.models import StoredMessage


class HistoryStart(NamedTuple):
    """Where a look at the newest messages begins. It isn't ``complete`` if there are more messages before."""

    since: datetime
    complete: bool


class EventCount(NamedTuple):
    """The number of messages of an application, event type and topic."""

    category: str
    event: str | None
    topic: str
    messages: int


def history_starts(
    session: Session, begins: datetime, now: datetime, most: int,
) -> tuple[HistoryStart, HistoryStart]:
    """Where the history since ``begins`` starts, and the newest ``most`` messages of it. One statement."""
    at = StoredMessage.received_at
    row: Any = session.execute(select(
        select(func.min(at)).scalar_subquery().label("oldest"),
        select(at).order_by(at.desc()).offset(most - 1).limit(1).scalar_subquery().label("first"))).one()
    whole, first = HistoryStart(max(begins, row.oldest or now), complete=True), row.first
    return whole, whole if first is None or first < begins else HistoryStart(first, complete=False)


def event_counts(session: Session, since: datetime) -> Sequence[EventCount]:
    """The matched messages since then by application, event type and topic."""
    columns = StoredMessage.category, StoredMessage.event, StoredMessage.topic
    rows = session.execute(
        select(*columns, func.count())
        .where(StoredMessage.received_at >= since, StoredMessage.matched_at.is_not(None)).group_by(*columns))
    return [EventCount(*row) for row in rows]
