"""Recording whom messages concern: notifications, and the deliveries of what isn't batched.

All of a batch goes into one transaction. Unique keys make a second run harmless; the revision, read
again at the end, makes sure that the answer isn't older than the preferences it is recorded beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn import metrics
from fmn.catalog import Facts, Message
from fmn.catalog.events import Outcome
from fmn.catalog.outcomes import Turn, turn_of
from fmn.catalog.threads import thread_of
from fmn.db import insert_new
from fmn.filters.models import Filter
from fmn.filters.mutes import Mutes, mutes_among
from fmn.ledger.floods import Arrival, Flow, recent_flow
from fmn.ledger.holds import Held, hold, recover
from fmn.ledger.messages import mark_matched
from fmn.ledger.models import Kind, Notification, StoredMessage
from fmn.ledger.outbox import addresses_of, delivery_row, insert_deliveries
from fmn.people.changes import current_revision, filter_changed, record_change
from fmn.people.models import Preference, User
from fmn.people.rhythm import Rhythm, rhythm_of
from fmn.settings import FloodSettings


class StaleIndexError(Exception):
    """Preferences changed while the batch was being matched: match it again."""


class Concern(NamedTuple):
    """A message concerns a user in a context because of an expression."""

    user_id: int
    context: str
    expression_id: int


@dataclass(frozen=True)
class Matched:
    """A message of the ledger with what was read in it and whom it concerns."""

    stored: StoredMessage
    facts: Facts
    concerns: Sequence[Concern]


@dataclass(frozen=True)
class Recorded:
    """What recording a batch brought: deliveries to hint at, by context, and how many messages it took."""

    deliveries: Mapping[str, Sequence[int]]
    taken: int


class _Chosen(NamedTuple):
    preference: Preference
    filter: Filter
    rhythm: Rhythm


def record(
    session: Session, batch: Sequence[Matched], revision: int, now: datetime, floods: FloodSettings,
) -> Recorded:
    """Record a batch that was matched at ``revision``; what's too much at once by ``floods`` is batched.

    It ends early after a message on which a one-shot filter fired: that filter is off for the next one,
    so the rest must be matched anew. Raises :class:`StaleIndexError`; roll back then.
    """
    batch = _unmuted(session, batch, now)
    flow = recent_flow(session, _arrivals(batch), now, floods)
    chosen = _choose(session, batch)
    batch = _up_to_oneshot(batch, chosen)
    rows = [
        _notification_row(matched, pair, flow, now)
        for matched in batch for concern in matched.concerns if (pair := chosen.get(concern)) is not None
    ]
    new = insert_new(
        session, Notification, rows, Notification.id, Notification.message_id, Notification.preference_id,
        Notification.filter_id, Notification.batched)
    turns = {matched.stored.id: turn for matched in batch if (turn := turn_of(matched.facts)) is not None}
    held = hold(session, _failures(new, turns, chosen.values(), now))
    deliveries = _deliver_at_once(session, batch, [row for row in new if not row.batched], held, now)
    recover(session, _recoveries(turns), now)
    for matched in batch:
        mark_matched(matched.stored, matched.facts, now)
    session.flush()
    if current_revision(session) != revision:
        raise StaleIndexError
    _switch_off_oneshots(session, batch, chosen)
    _count(new, chosen)
    return Recorded(deliveries, len(batch))


def message_of(session: Session, notification_id: int) -> Message | None:
    """The message of a notification; ``None`` if it isn't kept any more."""
    stored = session.scalar(
        select(StoredMessage).join(Notification, Notification.message_id == StoredMessage.id)
        .where(Notification.id == notification_id))
    return stored.message if stored else None


def _arrivals(batch: Iterable[Matched]) -> Iterator[Arrival]:
    for matched in batch:
        for concern in matched.concerns:
            yield Arrival(concern.user_id, concern.context, matched.facts.event)


def _notification_row(matched: Matched, pair: _Chosen, flow: Flow, now: datetime) -> Mapping[str, Any]:
    event = matched.facts.event
    waits = pair.rhythm.waits(now, severe=event.severity.is_severe)
    flooded = not waits and flow.joined(pair.preference.id, event)
    return {
        "message_id": matched.stored.id, "preference_id": pair.preference.id, "filter_id": pair.filter.id,
        "batched": waits or flooded, "flooded": flooded, "created_at": now,
    }


def _unmuted(session: Session, batch: Sequence[Matched], now: datetime) -> Sequence[Matched]:
    """The batch without whom it concerns with something that they muted."""
    users = {concern.user_id for matched in batch for concern in matched.concerns}
    muted = mutes_among(session, users, now)
    return [_heard(matched, muted) for matched in batch] if muted else batch


def _heard(matched: Matched, muted: Mapping[int, Mutes]) -> Matched:
    thread = cache(partial(thread_of, matched.facts))
    silent = {
        user_id for user_id in muted.keys() & {concern.user_id for concern in matched.concerns}
        if muted[user_id].silence(matched.facts, thread)
    }
    return replace(matched, concerns=[one for one in matched.concerns if one.user_id not in silent])


def _choose(session: Session, batch: Iterable[Matched]) -> Mapping[Concern, _Chosen]:
    """The preference and the filter behind each concern, as they are in the database now.

    They are locked against being deleted before we commit, for the notifications refer to them.
    """
    concerns = {concern for matched in batch for concern in matched.concerns}
    rows = session.execute(
        select(Preference, Filter, User.time_zone)
        .join(Filter, Filter.preference_id == Preference.id)
        .join(User, User.id == Preference.user_id)
        .where(Preference.user_id.in_({concern.user_id for concern in concerns}),
               Filter.expression_id.in_({concern.expression_id for concern in concerns}),
               Preference.enabled, Filter.enabled)
        .order_by(Filter.position.desc(), Filter.id.desc())
        .with_for_update(read=True, key_share=True, of=(Preference, Filter)))
    # Of a user's filters that ask the same, the last one seen here is the first in their order.
    by_concern = {Concern(row[0].user_id, row[0].context, row[1].expression_id): row for row in rows}
    return {
        concern: _Chosen(preference, chosen, rhythm_of(preference, time_zone))
        for concern in concerns.intersection(by_concern)
        for preference, chosen, time_zone in (by_concern[concern],)
    }


def _up_to_oneshot(batch: Sequence[Matched], chosen: Mapping[Concern, _Chosen]) -> Sequence[Matched]:
    for position, matched in enumerate(batch):
        if any(pair.filter.oneshot for concern in matched.concerns if (pair := chosen.get(concern))):
            return batch[:position + 1]
    return batch


def _switch_off_oneshots(
    session: Session, batch: Sequence[Matched], chosen: Mapping[Concern, _Chosen],
) -> None:
    fired = [
        pair for concern in (batch[-1].concerns if batch else ())
        if (pair := chosen.get(concern)) and pair.filter.oneshot
    ]
    if not fired:
        return
    switched_off = session.scalars(
        update(Filter)
        .where(Filter.id.in_([pair.filter.id for pair in fired]), Filter.enabled)
        .values(enabled=False)
        .returning(Filter.id)
        .execution_options(synchronize_session=False)).all()
    if len(switched_off) < len(fired):  # another worker was quicker, with another message
        raise StaleIndexError
    for context in {pair.preference.context for pair in fired}:
        users = [pair.preference.user_id for pair in fired if pair.preference.context == context]
        record_change(session, users, filter_changed(context, "state"))


def _failures(
    new: Iterable[Any], turns: Mapping[int, Turn], chosen: Iterable[_Chosen], now: datetime,
) -> Iterator[Held]:
    """The notifications that something failed which is given time to recover."""
    minutes = {pair.filter.id: pair.filter.hold_minutes for pair in chosen}
    for row in new:
        patience, turn = minutes[row.filter_id], turns.get(row.message_id)
        if patience and turn is not None and turn.outcome is Outcome.FAILED:
            yield Held(row.id, turn.key, now + timedelta(minutes=patience))


def _recoveries(turns: Mapping[int, Turn]) -> Mapping[int, str]:
    """What is well, by the messages that say so, oldest first."""
    return {
        message_id: turn.key for message_id, turn in sorted(turns.items()) if turn.outcome is Outcome.WELL}


def _deliver_at_once(
    session: Session, batch: Sequence[Matched], notifications: Sequence[Any], held: Mapping[int, datetime],
    now: datetime,
) -> Mapping[str, Sequence[int]]:
    msg_ids = {matched.stored.id: matched.stored.msg_id for matched in batch}
    addresses = addresses_of(session, {row.preference_id for row in notifications})
    rows = [
        delivery_row(
            Kind.SINGLE, f"{msg_ids[row.message_id]}:{row.preference_id}", preference, address, now,
            notification_id=row.id, digest_id=None, until=held.get(row.id))
        for row in notifications
        for preference, reachable in (addresses[row.preference_id],)
        for address in reachable
    ]
    return insert_deliveries(session, rows)


def _count(new: Sequence[Any], chosen: Mapping[Concern, _Chosen]) -> None:
    contexts = {pair.preference.id: pair.preference.context for pair in chosen.values()}
    for row in new:
        metrics.notifications_created.labels(contexts[row.preference_id]).inc()
