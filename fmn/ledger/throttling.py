"""Recent rate of immediate notifications, for throttling.

The ledger's own rows are counted: immediate notifications, and those batched by throttling. So throttling
ends by itself once no more than the limit came within a window, and there are no counters to keep up to date.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from fmn.catalog import EventType
from fmn.infra.db import Base
from fmn.ledger.models import Notification, StoredMessage
from fmn.people.models import Preference
from fmn.settings import FloodSettings

#: Whose a preference is: a user's id and a context.
Owner = tuple[int, str]

#: Workers that record for the same person in the same moment don't see each other's notifications. They wait
#: for each other as soon as there's more than this part of what's allowed, so that with up to so many of them
#: no limit is overrun. Whom little comes to, nobody waits for.
_WORKERS: Final = 5
_MESSAGES: Final = Base.metadata.tables[StoredMessage.__tablename__]
_NOTIFICATIONS: Final = Base.metadata.tables[Notification.__tablename__]
_PREFERENCES: Final = Base.metadata.tables[Preference.__tablename__]
#: What counts: see the index.
_IS_RECENT: Final[ColumnElement[bool]] = and_(
    ~_NOTIFICATIONS.c.batched | _NOTIFICATIONS.c.throttled, _NOTIFICATIONS.c.created_at > bindparam("since"))
#: Statements are made once, of the tables: making one of models' attributes takes longer than running it.
_RECENT_BY_EVENT: Final = (
    select(_NOTIFICATIONS.c.preference_id, _MESSAGES.c.event, func.count())
    .join_from(_NOTIFICATIONS, _MESSAGES, _MESSAGES.c.id == _NOTIFICATIONS.c.message_id)
    .where(_NOTIFICATIONS.c.preference_id.in_(bindparam("ids", expanding=True)), _IS_RECENT)
    .group_by(_NOTIFICATIONS.c.preference_id, _MESSAGES.c.event))


def _immediate(ids: ColumnElement[int]) -> Select[Any]:
    """Preferences that want immediate notifications, their owners, and whether they reached the limit."""
    nth = (
        select(_NOTIFICATIONS.c.created_at)
        .where(_NOTIFICATIONS.c.preference_id == _PREFERENCES.c.id, _IS_RECENT)
        .order_by(_NOTIFICATIONS.c.created_at.desc()).offset(bindparam("offset", type_=Integer)).limit(1)
        .correlate(_PREFERENCES).scalar_subquery())
    columns = _PREFERENCES.c
    return (
        select(columns.id, columns.user_id, columns.context, nth.is_not(None))
        .where(ids.in_(bindparam("ids", expanding=True)), columns.enabled, columns.digest_count.is_(None),
               columns.digest_seconds.is_(None), columns.clock_times == []))


_IMMEDIATE: Final = _immediate(_PREFERENCES.c.id)
_IMMEDIATE_OF_USERS: Final = _immediate(_PREFERENCES.c.user_id)


class IncomingNotification(NamedTuple):
    """A message's event type that is about to be recorded for a user in a context."""

    user_id: int
    context: str
    event: EventType


@dataclass
class NotificationRate:
    """Recent immediate notifications by preference, in all and by the name of the event type.

    Once a preference's total reaches the limit, its numbers may be too low.
    """

    total: Counter[int] = field(default_factory=Counter)
    by_event: Counter[tuple[int, str | None]] = field(default_factory=Counter)

    def add(self, preference_id: int, event: EventType) -> None:
        """Count one more."""
        self.total[preference_id] += 1
        self.by_event[preference_id, event.name] += 1


def recent_rate(
    session: Session, arrivals: Iterable[IncomingNotification], now: datetime, limits: FloodSettings,
) -> NotificationRate:
    """The recent rate of the preferences for which an immediate notification is about to be recorded.

    A preference near its limit is locked until the commit, so that concurrent workers count each other's
    rows. So this has to come before other locks, see :mod:`fmn.ledger.account_deletion`.
    """
    coming: defaultdict[Owner, Counter[EventType]] = defaultdict(Counter)
    for user_id, context, event in arrivals:
        coming[user_id, context][event] += 1
    rate = NotificationRate()
    if not coming:
        return rate
    count = partial(_count, session, rate, limits, coming, now)
    found = count(_IMMEDIATE_OF_USERS, list({user_id for user_id, _ in coming}))
    uncertain = [one for one, events in found.items() if _is_uncertain(rate, limits, one, events)]
    if uncertain:
        session.execute(
            select(Preference.id).where(Preference.id.in_(uncertain)).order_by(Preference.id)
            .with_for_update(key_share=True))
        count(_IMMEDIATE, uncertain)
    return rate


def _is_uncertain(
    rate: NotificationRate, limits: FloodSettings, preference_id: int, events: Mapping[EventType, int],
) -> bool:
    """Whether rows that other workers are recording now may decide about throttling."""
    groups = [(rate.total[preference_id], sum(events.values()), limits.per_preference)]
    groups += [(rate.by_event[preference_id, event.name], new, limits.per_event)
               for event, new in events.items()]
    return any(there < limit and there + new > max(1, limit // _WORKERS) for there, new, limit in groups)


def _count(
    session: Session, rate: NotificationRate, limits: FloodSettings,
    coming: Mapping[Owner, Mapping[EventType, int]], now: datetime, preferences: Select[Any],
    ids: Sequence[int],
) -> Mapping[int, Mapping[EventType, int]]:
    """Count the recent notifications of some preferences in ``rate``, at a cost that doesn't grow with them.

    ``preferences`` selects them by ``ids``. Returns what comes in for each of them now, without preferences
    that want digests.
    """
    since = now - timedelta(minutes=limits.window_minutes)
    found: dict[int, Mapping[EventType, int]] = {}
    exact = []
    rows = session.execute(preferences, {"ids": ids, "since": since, "offset": limits.per_preference - 1})
    for preference_id, user_id, context, is_full in rows:
        if (events := coming.get((user_id, context))) is None:
            continue
        found[preference_id] = events
        if is_full:
            rate.total[preference_id] = limits.per_preference
        if not is_full or any(event.severity.is_severe for event in events):
            exact.append(preference_id)
    counts = session.execute(_RECENT_BY_EVENT, {"ids": exact, "since": since}) if exact else ()
    total: Counter[int] = Counter()
    for preference_id, event, count in counts:
        rate.by_event[preference_id, event] = count
        total[preference_id] += count
    rate.total |= total
    return found
