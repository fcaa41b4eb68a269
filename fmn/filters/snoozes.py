"""Snoozes: their ends in the user's time zone, and switching filters on when they end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from fmn.filters.models import Filter
from fmn.people.change_log import filter_changed, record_change
from fmn.people.local_time import local_date, utc_of_local_time
from fmn.people.models import Preference
from fmn.translations import mark

#: Preferences whose filters are woken in one transaction: a short one, also when many people chose midnight.
BATCH_SIZE: Final = 1_000


class SnoozeSpan(StrEnum):
    """How long a snooze lasts, as people choose it."""

    HOUR = mark("for an hour")
    TOMORROW = mark("until tomorrow")
    WEEK = mark("for a week")
    MONTH = mark("for a month")


def snooze_end(span: SnoozeSpan, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a snooze that begins now."""
    match span:
        case SnoozeSpan.HOUR:
            return now + timedelta(hours=1)
        case SnoozeSpan.TOMORROW:
            return start_of_day(local_date(now, zone) + timedelta(days=1), zone)
        case SnoozeSpan.WEEK:
            return now + timedelta(days=7)
        case SnoozeSpan.MONTH:
            return now + timedelta(days=30)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day, in UTC."""
    return utc_of_local_time(day, time(), zone)


def end_due_snoozes(session: Session, now: datetime) -> int:
    """Switch filters on whose snooze is over. Returns the number of preferences; there may be more.

    Preferences that somebody is changing are skipped until the next run.
    """
    due = (Filter.snoozed_until <= now,)
    rows = session.execute(
        select(Preference.id, Preference.user_id, Preference.context)
        .where(exists().where(Filter.preference_id == Preference.id, *due))
        .order_by(Preference.id).limit(BATCH_SIZE)
        .with_for_update(of=Preference, key_share=True, skip_locked=True)).all()
    if rows:
        session.execute(
            update(Filter).where(Filter.preference_id.in_([row.id for row in rows]), *due)
            .values(enabled=True, snoozed_until=None))
        for context in {row.context for row in rows}:
            users = [row.user_id for row in rows if row.context == context]
            record_change(session, users, filter_changed(context, "state"))
    return len(rows)
