"""Triage of whole groups of the inbox, whatever of them a page shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from fmn.ledger.inbox_filter import InboxFilter
from fmn.ledger.inbox_groups import GroupedBy, InboxGroup
from fmn.ledger.triage import Triaged, TriageRequest, triage, triage_all, triage_group
from webapp.inbox.group_counts import day_bounds
from webapp.inbox.search_criteria import FIRST_DAY, LAST_DAY
from webapp.inbox.triage_form import GroupTarget, TriageForm, incomplete_form


def triage_whole(
    session: Session, user_id: int, wish: TriageRequest, wanted: InboxFilter, form: TriageForm,
    zone: ZoneInfo,
) -> Triaged:
    """Change a whole group of what a search finds. Raises :class:`~fmn.errors.UserError`."""
    target, key = form.target
    match target:
        case GroupTarget.IDS:
            return triage(session, user_id, wish, [_number(each) for each in key.split(".")])
        case GroupTarget.DAY:
            of_day = _of_day(wanted, _day(key), zone)
            return triage_all(session, user_id, wish, of_day, form.latest)
        case GroupTarget.THREAD:
            _number(key.removeprefix("-"))
    return triage_group(session, user_id, wish, wanted, InboxGroup(GroupedBy(target), key), form.latest)


def _of_day(wanted: InboxFilter, day: date, zone: ZoneInfo) -> InboxFilter:
    since, until = day_bounds(day, zone)
    return replace(
        wanted, since=max(since, wanted.since or since), until=min(until, wanted.until or until))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise incomplete_form() from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise incomplete_form()
    return day


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**63):
        raise incomplete_form()
    return int(text)
