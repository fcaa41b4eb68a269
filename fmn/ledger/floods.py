"""Floods: so many notifications to be sent at once that the surplus is sent together instead.

How many came lately is counted in the ledger itself: what would be sent at once, whether it was or became
too much. So a flood is over by itself as soon as no more than the limit came within a window, and nothing
has to be kept up to date on the way of those to whom little comes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fmn.catalog import EventType
from fmn.ledger.models import Notification, StoredMessage
from fmn.people.models import Preference
from fmn.settings import FloodSettings

#: Workers that record for the same person in the same moment don't see each other's notifications. They wait
#: for each other as soon as there's more than this part of what's allowed, so that with up to so many of them
#: no limit is overrun. Whom little comes to, nobody waits for.
_WORKERS: Final = 5
#: What counts: see the index.
_AT_ONCE: Final[ColumnElement[bool]] = ~Notification.batched | Notification.flooded


class Arrival(NamedTuple):
    """A message of an event type that is about to concern somebody in a context."""

    user_id: int
    context: str
    event: EventType


@dataclass
class Flow:
    """How much came at once lately, by preference, in all and by the name of the event type.

    Where the limit in all is reached, there may be no more exact numbers.
    """

    limits: FloodSettings
    in_all: Counter[int] = field(default_factory=Counter)
    of_event: Counter[tuple[int, str | None]] = field(default_factory=Counter)

    def joined(self, preference_id: int, event: EventType) -> bool:
        """Count one more; returns whether it's too much to be sent singly.

        What is severe is only held up by its like: in a flood of builds, that a host is down comes at once.
        """
        too_many = self.of_event[preference_id, event.name] >= self.limits.per_event
        if not event.severity.is_severe:
            too_many = too_many or self.in_all[preference_id] >= self.limits.per_preference
        self.in_all[preference_id] += 1
        self.of_event[preference_id, event.name] += 1
        return too_many


def recent_flow(
    session: Session, arrivals: Iterable[Arrival], now: datetime, limits: FloodSettings,
) -> Flow:
    """What came lately for those to whom something comes now that is to be sent at once.

    Where it may just become too much, others who record for the same preference wait until we commit. So this
    has to come before anything else is locked, see :mod:`fmn.ledger.deletion`.
    """
    coming = _coming(session, arrivals)
    flow = Flow(limits)
    _count(session, flow, coming, now)
    uncertain = {one: events for one, events in coming.items() if _is_uncertain(flow, one, events)}
    if uncertain:
        session.execute(
            select(Preference.id).where(Preference.id.in_(uncertain)).order_by(Preference.id)
            .with_for_update(key_share=True))
        _count(session, flow, uncertain, now)
    return flow


def _coming(session: Session, arrivals: Iterable[Arrival]) -> Mapping[int, Counter[EventType]]:
    """How much comes now of each event type, by preference; nothing for those who collect it anyway."""
    by_owner: defaultdict[tuple[int, str], Counter[EventType]] = defaultdict(Counter)
    for user_id, context, event in arrivals:
        by_owner[user_id, context][event] += 1
    if not by_owner:
        return {}
    rows = session.execute(
        select(Preference.id, Preference.user_id, Preference.context)
        .where(Preference.user_id.in_({user_id for user_id, _ in by_owner}), Preference.enabled,
               Preference.digest_count.is_(None), Preference.digest_seconds.is_(None),
               Preference.clock_times == []))
    return {
        preference_id: by_owner[user_id, context] for preference_id, user_id, context in rows
        if (user_id, context) in by_owner
    }


def _is_uncertain(flow: Flow, preference_id: int, events: Mapping[EventType, int]) -> bool:
    """Whether what others are recording just now may decide if this is too much."""
    limits = flow.limits
    groups = [(flow.in_all[preference_id], sum(events.values()), limits.per_preference)]
    groups += [(flow.of_event[preference_id, event.name], new, limits.per_event)
               for event, new in events.items()]
    return any(there < limit and there + new > max(1, limit // _WORKERS) for there, new, limit in groups)


def _count(
    session: Session, flow: Flow, coming: Mapping[int, Mapping[EventType, int]], now: datetime,
) -> None:
    """Note in ``flow`` how much came lately for these preferences, at a cost that a flood doesn't raise."""
    since = now - timedelta(minutes=flow.limits.window_minutes)
    full = _full(session, coming, since, flow.limits.per_preference)
    exact = [one for one, events in coming.items()
             if one not in full or any(event.severity.is_severe for event in events)]
    rows = session.execute(
        select(Notification.preference_id, StoredMessage.event, func.count())
        .join(StoredMessage, StoredMessage.id == Notification.message_id)
        .where(Notification.preference_id.in_(exact), _AT_ONCE, Notification.created_at > since)
        .group_by(Notification.preference_id, StoredMessage.event)) if exact else ()
    in_all: Counter[int] = Counter(dict.fromkeys(full, flow.limits.per_preference))
    for preference_id, event, count in rows:
        flow.of_event[preference_id, event] = count
        in_all[preference_id] += count
    flow.in_all |= in_all


def _full(
    session: Session, preference_ids: Collection[int], since: datetime, limit: int,
) -> frozenset[int]:
    """Those of the preferences for which so many came since then. Looks at no more of them than that."""
    nth = (
        select(Notification.created_at)
        .where(Notification.preference_id == Preference.id, _AT_ONCE)
        .order_by(Notification.created_at.desc()).offset(limit - 1).limit(1)
        .correlate(Preference).scalar_subquery())
    return frozenset(session.scalars(
        select(Preference.id).where(Preference.id.in_(preference_ids), nth > since)))
