"""Backlog: unmatched messages, pending notifications and deliveries, and topics unknown to the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from fmn.ledger.quarantine import IS_QUARANTINED

#: Most topics returned: more than that are one problem with many names.
MOST: Final = 50


@dataclass(frozen=True)
class DeliveryBacklog:
    """Deliveries of a context that wait: how many, and when the ``oldest`` was created.

    They are ``due`` (the first since ``due_since``), ``retrying`` after a failed attempt, or ``held`` until a
    filter's delay or somebody's quiet hours end. ``failed`` deliveries are counted apart.
    """

    context: str
    waiting: int = 0
    oldest: datetime | None = None
    due: int = 0
    due_since: datetime | None = None
    retrying: int = 0
    held: int = 0
    failed: int = 0


@dataclass(frozen=True)
class UnknownTopic:
    """A topic without an event type in the catalogue: how many stored messages have it, and the latest."""

    topic: str
    count: int
    last: datetime


@dataclass(frozen=True)
class PendingWork:
    """Pending messages, notifications for digests, and deliveries by context.

    ``unmatched`` doesn't include ``quarantined`` messages.
    """

    unmatched: int
    unmatched_since: datetime | None
    for_digests: int
    backlogs: Sequence[DeliveryBacklog]
    quarantined: int = 0
    quarantined_since: datetime | None = None


def pending_work(session: Session, contexts: Sequence[str], now: datetime) -> PendingWork:
    """Read the backlog. Costs as much as is pending, however much is stored."""
    received_at = func.min(StoredMessage.received_at)
    unmatched, since, aside, aside_since = session.execute(
        select(func.count().filter(~IS_QUARANTINED), received_at.filter(~IS_QUARANTINED),
               func.count().filter(IS_QUARANTINED), received_at.filter(IS_QUARANTINED))
        .where(StoredMessage.matched_at.is_(None))).one()
    batched = session.scalar(
        select(func.count()).select_from(Notification)
        .where(Notification.batched, Notification.digest_id.is_(None))) or 0
    found = _backlogs(session, now)
    known = dict.fromkeys((*contexts, *sorted(found)))
    backlogs = [found.get(context, DeliveryBacklog(context)) for context in known]
    return PendingWork(unmatched, since, batched, backlogs, aside, aside_since)


def _backlogs(session: Session, now: datetime) -> Mapping[str, DeliveryBacklog]:
    failed = {
        row.context: row.failed
        for row in session.execute(
            select(Delivery.context, func.count().label("failed"))
            .where(Delivery.state == DeliveryState.FAILED).group_by(Delivery.context))
    }
    is_due = Delivery.next_attempt_at <= now
    rows = session.execute(
        select(Delivery.context, func.count().label("waiting"), func.min(Delivery.created_at).label("oldest"),
               func.count().filter(is_due).label("due"),
               func.min(Delivery.next_attempt_at).label("first"),
               func.count().filter(~is_due, Delivery.attempts > 0).label("retrying"),
               func.count().filter(~is_due, Delivery.attempts == 0).label("held"))
        .where(Delivery.state == DeliveryState.WAITING).group_by(Delivery.context))
    waiting = {
        row.context: DeliveryBacklog(
            row.context, row.waiting, row.oldest, row.due, row.first if row.due else None, row.retrying,
            row.held, failed.get(row.context, 0))
        for row in rows
    }
    return {context: DeliveryBacklog(context, failed=count) for context, count in failed.items()} | waiting


def unknown_topics(session: Session, catalog: Catalog) -> Sequence[UnknownTopic]:
    """Return up to 50 topics of stored messages that the catalogue doesn't know, most frequent first."""
    many = func.count().label("many")
    rows = session.execute(
        select(StoredMessage.topic, many, func.max(StoredMessage.received_at).label("last"))
        .where(StoredMessage.event.in_(catalog.fallbacks_by_name))
        .group_by(StoredMessage.topic).order_by(many.desc(), StoredMessage.topic).limit(MOST))
    return [UnknownTopic(row.topic, row.many, row.last) for row in rows]
