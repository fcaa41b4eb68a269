"""Deliveries of webhooks: the last ones of each, with outcome and without content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from fmn.sources.webhooks.models import HookDelivery
from fmn.sources.webhooks.outcomes import Outcome

#: Deliveries kept of each webhook, and as many of those that nobody vouches for: strangers can't make FMN
#: forget what a forge has sent.
MOST_DELIVERIES: Final = 100
#: Characters of an event's name.
_LONGEST_EVENT: Final = 100


def record_delivery(
    session: Session, hook_id: int | None, outcome: Outcome, size: int, now: datetime, *,
    event: str = "", delivery_id: str = "",
) -> None:
    """Add a delivery, and delete the oldest of its kind above :data:`MOST_DELIVERIES`."""
    session.add(HookDelivery(
        hook_id=hook_id, received_at=now, outcome=outcome.value, event=event[:_LONGEST_EVENT],
        delivery_id=delivery_id, size=size))
    session.flush()
    unproven = HookDelivery.outcome == Outcome.NOT_FOUND.value
    kind = (_of(hook_id), unproven if outcome is Outcome.NOT_FOUND else ~unproven)
    oldest = (
        select(HookDelivery.id).where(*kind).order_by(HookDelivery.id.desc())
        .offset(MOST_DELIVERIES).limit(1).scalar_subquery())
    session.execute(
        delete(HookDelivery).where(*kind, HookDelivery.id <= oldest)
        .execution_options(synchronize_session=False))


def last_deliveries(session: Session, hook_id: int | None, most: int) -> Sequence[HookDelivery]:
    """The last deliveries of a webhook, newest first; of unknown names without ``hook_id``."""
    return session.scalars(
        select(HookDelivery).where(_of(hook_id)).order_by(HookDelivery.id.desc()).limit(most)).all()


def _of(hook_id: int | None) -> ColumnElement[bool]:
    return HookDelivery.hook_id.is_(None) if hook_id is None else HookDelivery.hook_id == hook_id
