"""All channels of somebody at a glance: where each stands, how much comes, what waits, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.digests.due_times import next_due
from fmn.digests.next_digests import waiting_for
from fmn.filters.summary import Glance, at_a_glance
from fmn.ledger.day_range import Window
from fmn.ledger.traffic import Traffic, traffic, undelivered
from fmn.people.addresses import Listed, listed
from fmn.people.local_time import zone_called
from fmn.people.models import Preference, User
from fmn.settings import FloodSettings
from webapp.preferences.channel_problems import Trouble, troubles_of


@dataclass(frozen=True)
class Batch:
    """What waits to be sent together; ``due_at`` is ``None`` if that depends on how much more there'll be."""

    count: int
    due_at: datetime | None


@dataclass(frozen=True)
class Channel:
    """One of somebody's channels."""

    preference: Preference
    addresses: Sequence[Listed]
    filters: Glance
    traffic: Traffic
    batch: Batch | None
    troubles: Sequence[Trouble]


def channels_of(
    session: Session, user: User, contexts: Collection[str], now: datetime, floods: FloodSettings,
) -> list[Channel]:
    """Somebody's channels, in always the same number of statements."""
    preferences = session.scalars(
        select(Preference).where(Preference.user_id == user.id, Preference.context.in_(contexts))
        .order_by(Preference.id)).all()
    ids = [each.id for each in preferences]
    window = Window(now, zone=zone_called(user.time_zone))
    addresses, filters = listed(session, ids, now), at_a_glance(session, ids)
    flows, failed = traffic(session, ids, window), undelivered(session, ids, window.begins)
    batches = _batches(session, ids, now, floods)
    return [
        Channel(
            each, own := addresses.get(each.id, ()), filters[each.id], flows[each.id], batches.get(each.id),
            list(troubles_of(each, own, filters[each.id], failed.get(each.id), window)))
        for each in preferences
    ]


def _batches(
    session: Session, preference_ids: Sequence[int], now: datetime, floods: FloodSettings,
) -> Mapping[int, Batch]:
    waiting = waiting_for(session, preference_ids, now, floods)
    return {each.preference_id: Batch(each.count, next_due(each, now)) for each in waiting}
