"""Waking filters that were snoozed, when it's time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from fmn.filters.models import Filter
from fmn.people.changes import record_change
from fmn.people.models import Preference

#: Preferences whose filters are woken in one transaction: a short one, also when many people chose midnight.
AT_ONCE: Final = 1_000


def wake_snoozed(session: Session, now: datetime) -> int:
    """Switch the filters on whose sleep is over, and return of how many preferences.

    There may be more. Preferences that somebody is changing have their turn the next time.
    """
    due = (Filter.snoozed_until <= now,)
    rows = session.execute(
        select(Preference.id, Preference.user_id)
        .where(exists().where(Filter.preference_id == Preference.id, *due))
        .order_by(Preference.id).limit(AT_ONCE)
        .with_for_update(of=Preference, key_share=True, skip_locked=True)).all()
    if rows:
        session.execute(
            update(Filter).where(Filter.preference_id.in_([row.id for row in rows]), *due)
            .values(enabled=True, snoozed_until=None))
        record_change(session, [row.user_id for row in rows])
    return len(rows)
