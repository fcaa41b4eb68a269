"""Recording whom messages concern: notifications, and the deliveries of what isn't batched.

All of a batch goes into one transaction. Unique keys make a second run harmless; the revision, read
again at the end, makes sure that the answer isn't older than the preferences it is recorded beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn import metrics
from fmn.catalog import Facts, Message
from fmn.catalog.threads import thread_of
from fmn.db import insert_new
from fmn.filters.models import Filter
from fmn.filters.mutes import Mutes, mutes_among
from fmn.ledger.floods import Arrival, Flow, recent_flow
from fmn.ledger.messages import mark_matched
from fmn.ledger.models import Delivery, Kind, Notification, State, StoredMessage
from fmn.people.changes import current_revision, filter_changed, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.rhythm import Rhythm, rhythm_of
from fmn.settings import FloodSettings

#: Why a delivery isn't sent, in words that its owner reads.
NO_ADDRESS = "no confirmed address"
SWITCHED_OFF = "switched off before it could be sent"


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
        session, Notification, rows,
        Notification.id, Notification.message_id, Notification.preference_id, Notification.batched)
    deliveries = _deliver_at_once(session, batch, [row for row in new if not row.batched], now)
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


def _deliver_at_once(
    session: Session, batch: Sequence[Matched], notifications: Sequence[Any], now: datetime,
) -> Mapping[str, Sequence[int]]:
    msg_ids = {matched.stored.id: matched.stored.msg_id for matched in batch}
    addresses = addresses_of(session, {row.preference_id for row in notifications})
    rows = [
        delivery_row(
            Kind.SINGLE, f"{msg_ids[row.message_id]}:{row.preference_id}", preference, address, now,
            notification_id=row.id, digest_id=None)
        for row in notifications
        for preference, reachable in (addresses[row.preference_id],)
        for address in reachable
    ]
    return insert_deliveries(session, rows)


def addresses_of(
    session: Session, preference_ids: Iterable[int],
) -> Mapping[int, tuple[Preference, Sequence[DetailValue | None]]]:
    """Preferences and their confirmed addresses, by the preference's id; one ``None`` where there's none."""
    rows = session.execute(
        select(Preference, DetailValue)
        .outerjoin(DetailValue, (DetailValue.preference_id == Preference.id)
                   & DetailValue.confirmed_at.is_not(None))
        .where(Preference.id.in_(preference_ids))
        .order_by(DetailValue.id))
    found: dict[int, tuple[Preference, list[DetailValue | None]]] = {}
    for preference, address in rows:
        found.setdefault(preference.id, (preference, []))[1].append(address)
    return found


def delivery_row(
    kind: Kind, what: str, preference: Preference, address: DetailValue | None, now: datetime, *,
    notification_id: int | None, digest_id: int | None,
) -> Mapping[str, Any]:
    """A delivery's row; without an address to send it to, or with the context off, it's dropped at once."""
    reason = "" if preference.enabled else SWITCHED_OFF
    if address is None:
        reason = NO_ADDRESS
    return {
        "key": f"{kind}:{what}:{address.id if address else 'nowhere'}", "kind": kind,
        "context": preference.context, "preference_id": preference.id,
        "destination": address.value if address else "", "notification_id": notification_id,
        "digest_id": digest_id, "state": State.DROPPED if reason else State.WAITING, "reason": reason,
        "attempts": 0, "next_attempt_at": now, "hinted_at": now, "created_at": now,
        "finished_at": now if reason else None,
    }


def insert_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[int]]:
    """Insert deliveries that aren't there yet; returns the ids of those to send, by context."""
    by_context: defaultdict[str, list[int]] = defaultdict(list)
    for row in insert_new(session, Delivery, rows, Delivery.id, Delivery.context, Delivery.state):
        if row.state == State.WAITING:
            by_context[row.context].append(row.id)
    return by_context


def _count(new: Sequence[Any], chosen: Mapping[Concern, _Chosen]) -> None:
    contexts = {pair.preference.id: pair.preference.context for pair in chosen.values()}
    for row in new:
        metrics.notifications_created.labels(contexts[row.preference_id]).inc()
