"""What failed to be delivered: trying it again once its cause is mended, or giving it up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from fmn.administration.audit import note
from fmn.ledger import deliveries

#: Put before the reason of what an administrator gave up, which its owner reads.
GIVEN_UP = "given up by an administrator: "


def retry_failed(session: Session, actor: str, context: str, reason: str, now: datetime) -> int:
    """Try again what failed in a context for a reason; returns how many deliveries there are."""
    count = deliveries.try_again(session, context, reason, now)
    note(session, actor, "retried deliveries", context=context, reason=reason, count=count)
    return count


def discard_failed(session: Session, actor: str, context: str, reason: str, now: datetime) -> int:
    """Give up what failed in a context for a reason; returns how many deliveries there were."""
    count = deliveries.discard(session, context, reason, now, f"{GIVEN_UP}{reason}")
    note(session, actor, "discarded deliveries", context=context, reason=reason, count=count)
    return count
