"""Digests of throttled notifications: one digest for all of them, and the first one explains why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.ledger.models import Digest
from fmn.localized import number_text
from fmn.people.models import Preference, User
from fmn.settings import FloodSettings
from fmn.translations import SOURCE_LANGUAGE, in_language, ngettext

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
        note=None if _was_explained(session, preference_id, now, throttling)
        else _explanation_for(session, preference_id, throttling),
        last_listed_id=listed[-1], unlisted=len(ids) - len(listed))


def explanation(throttling: FloodSettings) -> str:
    """The sentence that explains why notifications came in a digest instead of immediately."""
    return ngettext(
        "More than {one_kind} notifications of one kind, or {all} in all, came within {minutes} minute, "
        "so the rest comes together until it calms down.",
        "More than {one_kind} notifications of one kind, or {all} in all, came within {minutes} minutes, "
        "so the rest comes together until it calms down.",
        throttling.window_minutes).format(
        one_kind=number_text(throttling.per_event), all=number_text(throttling.per_preference),
        minutes=throttling.window_minutes)


def _explanation_for(session: Session, preference_id: int, throttling: FloodSettings) -> str:
    """The same in the language of whose notifications they are."""
    language = session.scalar(
        select(User.language).join(Preference, Preference.user_id == User.id)
        .where(Preference.id == preference_id))
    with in_language(language or SOURCE_LANGUAGE):
        return explanation(throttling)


def _was_explained(session: Session, preference_id: int, now: datetime, throttling: FloodSettings) -> bool:
    """Whether a throttled digest is so recent that throttling hasn't ended since."""
    lately = now - timedelta(minutes=throttling.digest_minutes + throttling.window_minutes)
    return session.scalar(
        select(Digest.id)
        .where(Digest.preference_id == preference_id, Digest.throttled, Digest.created_at > lately)
        .limit(1)) is not None
