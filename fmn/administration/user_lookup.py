"""User lookup for administrators: search, and a person's preferences. Each view is in the audit log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from fmn.administration.audit_log import log_action
from fmn.directory.snapshot import GROUP_MARK
from fmn.filters.models import Filter
from fmn.ledger.models import Delivery, DeliveryState, Notification
from fmn.people.models import DetailValue, Preference, User
from fmn.translations import mark

#: People on a page.
PAGE: Final = 50


@dataclass(frozen=True)
class FoundUser:
    """A person in a list, with the contexts that are switched on."""

    nick: str
    created_at: datetime
    signed_in_at: datetime | None
    contexts: Sequence[str]


def find_users(session: Session, wanted: str, *, after: str = "", most: int = PAGE) -> Sequence[FoundUser]:
    """Return people whose nick contains ``wanted`` or who have it as an address, in the order of nicks."""
    users = session.scalars(
        _matching(wanted).where(User.nick > after).order_by(User.nick).limit(most)
        .options(selectinload(User.preferences))).all()
    return [
        FoundUser(user.nick, user.created_at, user.signed_in_at,
              [each.context for each in user.preferences if each.enabled])
        for user in users
    ]


def _matching(wanted: str) -> Select[User]:
    people = select(User).where(User.nick.not_like(f"{GROUP_MARK}%"))
    if not wanted:
        return people
    has_address = exists().where(
        Preference.user_id == User.id, DetailValue.preference_id == Preference.id,
        func.lower(DetailValue.value) == wanted.lower())
    return people.where(or_(User.nick.icontains(wanted, autoescape=True), has_address))


@dataclass(frozen=True)
class ContextPreferences:
    """A person's preference in one context: filters, notifications and deliveries by state."""

    preference: Preference
    filters: Sequence[Filter]
    heard: int
    states: Mapping[str, int]


@dataclass(frozen=True)
class ViewedUser:
    """A person with their preferences in each context."""

    user: User
    settings: Sequence[ContextPreferences]


def view_user(session: Session, actor: str, nick: str, since: datetime) -> ViewedUser | None:
    """Return a person's preferences, and counts since then; adds an audit entry for ``actor``."""
    user = session.scalar(
        select(User).where(User.nick == nick)
        .options(selectinload(User.preferences).selectinload(Preference.detail_values)))
    if user is None:
        return None
    log_action(session, actor, mark("saw preferences"), nick)
    ids = [preference.id for preference in user.preferences]
    filters = _filters(session, ids)
    heard = _heard(session, ids, since)
    states = _states(session, ids, since)
    return ViewedUser(user, [
        ContextPreferences(each, filters[each.id], heard.get(each.id, 0), states[each.id])
        for each in user.preferences
    ])


def _filters(session: Session, ids: Sequence[int]) -> Mapping[int, Sequence[Filter]]:
    found: defaultdict[int, list[Filter]] = defaultdict(list)
    rows = session.scalars(
        select(Filter).where(Filter.preference_id.in_(ids)).order_by(Filter.position)
        .options(joinedload(Filter.stored)))
    for each in rows:
        found[each.preference_id].append(each)
    return found


def _heard(session: Session, ids: Sequence[int], since: datetime) -> Mapping[int, int]:
    rows = session.execute(
        select(Notification.preference_id, func.count())
        .where(Notification.preference_id.in_(ids), Notification.created_at >= since)
        .group_by(Notification.preference_id))
    return dict(rows.all())


def _states(session: Session, ids: Sequence[int], since: datetime) -> Mapping[int, Mapping[str, int]]:
    rows = session.execute(
        select(Delivery.preference_id, Delivery.state, func.count())
        .where(Delivery.preference_id.in_(ids), Delivery.created_at >= since)
        .group_by(Delivery.preference_id, Delivery.state))
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(DeliveryState, 0))
    for preference_id, state, count in rows:
        found[preference_id][state] = count
    return found
