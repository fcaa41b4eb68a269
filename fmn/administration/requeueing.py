"""What failed to be delivered, or matched: trying it again once its cause is mended, or giving it up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from fmn.administration.audit_log import note
from fmn.ledger import quarantine
from fmn.ledger.failed_deliveries import Which, discard, try_again


def retry_failed(session: Session, actor: str, which: Which, now: datetime) -> int:
    """Try again what failed; returns how many deliveries there are."""
    count = try_again(session, which, now)
    _note(session, actor, "retried deliveries", which, count)
    return count


def discard_failed(session: Session, actor: str, which: Which, now: datetime) -> int:
    """Give up what failed; returns how many deliveries there were."""
    count = discard(session, which, now)
    _note(session, actor, "discarded deliveries", which, count)
    return count


def retry_messages(session: Session, actor: str) -> int:
    """Try the messages again that are set aside; returns how many there are."""
    count = quarantine.try_again(session)
    note(session, actor, "retried messages", "", count=count)
    return count


def _note(session: Session, actor: str, action: str, which: Which, count: int) -> None:
    said: dict[str, object] = {
        "context": which.context, "reason": which.reason, "containing": which.containing or None,
        "since": which.since.isoformat() if which.since else None, "waiting": which.waiting or None}
    note(session, actor, action, "", **{name: value for name, value in said.items() if value is not None},
         count=count)
