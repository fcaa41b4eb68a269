"""Recent rate of immediate notifications, for throttling.

The ledger's own rows are counted: immediate notifications, and those batched by throttling. So throttling
ends by itself once no more than the limit came within a window, and there are no counters to keep up to date.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fmn.catalog import EventType
from fmn.ledger.models import Notification, StoredMessage
from fmn.people.models import Preference
from fmn.settings import FloodSettings

#: Whose a preference is: a user's id and a context.
Owner = tuple[int, str]

#: Workers that record for the same person in the same moment don't see each other's notifications. They wait
#: for each other as soon as there's more than this part of what's allowed, so that with up to so many of them
#: no limit is overrun. Whom little comes to, nobody waits for.
_WORKERS: Final = 5
#: What counts: see the index.
_AT_ONCE: Final[ColumnElement[bool]] = ~Notification.batched | Notification.throttled


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
    found = count(Preference.user_id.in_({user_id for user_id, _ in coming}))
    uncertain = [one for one, events in found.items() if _is_uncertain(rate, limits, one, events)]
    if uncertain:
        session.execute(
            select(Preference.id).where(Preference.id.in_(uncertain)).order_by(Preference.id)
            .with_for_update(key_share=True))
        count(Preference.id.in_(uncertain))
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
    coming: Mapping[Owner, Mapping[EventType, int]], now: datetime, which: ColumnElement[bool],
) -> Mapping[int, Mapping[EventType, int]]:
    """Count the recent notifications of some preferences in ``rate``, at a cost that doesn't grow with them.

    Returns what comes in for each of them now, without preferences that want digests.
    """
    since = now - timedelta(minutes=limits.window_minutes)
    found: dict[int, Mapping[EventType, int]] = {}
    exact = []
    for preference_id, owner, is_full in _preferences(session, which, since, limits.per_preference):
        if (events := coming.get(owner)) is None:
            continue
        found[preference_id] = events
        if is_full:
            rate.total[preference_id] = limits.per_preference
        if not is_full or any(event.severity.is_severe for event in events):
            exact.append(preference_id)
    rows = session.execute(
        select(Notification.preference_id, StoredMessage.event, func.count())
        .join(StoredMessage, StoredMessage.id == Notification.message_id)
        .where(Notification.preference_id.in_(exact), _AT_ONCE, Notification.created_at > since)
        .group_by(Notification.preference_id, StoredMessage.event)) if exact else ()
    total: Counter[int] = Counter()
    for preference_id, event, count in rows:
        rate.by_event[preference_id, event] = count
        total[preference_id] += count
    rate.total |= total
    return found


def _preferences(
    session: Session, which: ColumnElement[bool], since: datetime, limit: int,
) -> Iterator[tuple[int, Owner, bool]]:
    """Preferences that want immediate notifications, their owners, and whether they reached the limit."""
    nth = (
        select(Notification.created_at)
        .where(Notification.preference_id == Preference.id, _AT_ONCE, Notification.created_at > since)
        .order_by(Notification.created_at.desc()).offset(limit - 1).limit(1)
        .correlate(Preference).scalar_subquery())
    rows = session.execute(
        select(Preference.id, Preference.user_id, Preference.context, nth.is_not(None))
        .where(which, Preference.enabled, Preference.digest_count.is_(None),
               Preference.digest_seconds.is_(None), Preference.clock_times == []))
    for preference_id, user_id, context, is_full in rows:
        yield preference_id, (user_id, context), is_full
