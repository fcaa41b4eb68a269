"""Retrying or discarding failed deliveries, and requeueing quarantined messages, with audit entries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.ledger import quarantine
from fmn.ledger.failed_deliveries import DeliverySelection, discard, retry
from fmn.translations import mark


def requeue_deliveries(session: Session, actor: str, which: DeliverySelection, now: datetime) -> int:
    """Let deliveries be tried again; returns how many."""
    count = retry(session, which, now)
    _note(session, actor, mark("retried deliveries"), which, count)
    return count


def discard_deliveries(session: Session, actor: str, which: DeliverySelection, now: datetime) -> int:
    """Drop deliveries for good; returns how many."""
    count = discard(session, which, now)
    _note(session, actor, mark("discarded deliveries"), which, count)
    return count


def requeue_messages(session: Session, actor: str) -> int:
    """Let quarantined messages be matched again; returns how many."""
    count = quarantine.requeue(session)
    log_action(session, actor, mark("retried messages"), "", count=count)
    return count


def _note(session: Session, actor: str, action: str, which: DeliverySelection, count: int) -> None:
    details: dict[str, object] = {
        "context": which.context, "reason": which.reason, "containing": which.containing or None,
        "since": which.since.isoformat() if which.since else None, "waiting": which.waiting or None}
    log_action(
        session, actor, action, "", **{name: value for name, value in details.items() if value is not None},
         count=count)
