"""Digests of throttled notifications: one digest for all of them, and the first one explains why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.ledger.models import Digest
from fmn.settings import FloodSettings
from fmn.text import pluralize

#: Notifications that a flood's digest tells of. Thousands would take long to put in words that nobody reads;
#: the rest is counted, with a link to the inbox.
MAX_LISTED: Final = 100


def throttled_digest(
    session: Session, preference_id: int, ids: Sequence[int], now: datetime, throttling: FloodSettings,
) -> Digest:
    """A new digest for these notifications, oldest first; the caller adds it to the session."""
    listed = ids[:MAX_LISTED]
    return Digest(
        preference_id=preference_id, first_notification_id=ids[0], created_at=now, throttled=True,
        note=None if _was_explained(session, preference_id, now, throttling) else explanation(throttling),
        last_listed_id=listed[-1], unlisted=len(ids) - len(listed))


def explanation(throttling: FloodSettings) -> str:
    """The sentence that explains why notifications came in a digest instead of immediately."""
    return (
        f"More than {throttling.per_event:,} notifications of one kind, or {throttling.per_preference:,} "
        f"in all, "
            f"came within {pluralize(throttling.window_minutes, 'minute')}, "
            "so the rest comes together until it calms down.")


def _was_explained(session: Session, preference_id: int, now: datetime, throttling: FloodSettings) -> bool:
    """Whether a throttled digest is so recent that throttling hasn't ended since."""
    lately = now - timedelta(minutes=throttling.digest_minutes + throttling.window_minutes)
    return session.scalar(
        select(Digest.id)
        .where(Digest.preference_id == preference_id, Digest.throttled, Digest.created_at > lately)
        .limit(1)) is not None
