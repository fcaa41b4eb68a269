"""Putting deliveries in words: from the ledger's rows to the plain values that channels are given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, joinedload

from fmn.catalog import Description, Message
from fmn.delivery.contract import Item, Outgoing
from fmn.filters.models import Filter
from fmn.ledger.models import Delivery, Notification, StoredMessage
from fmn.people.models import DetailValue, Preference, User

#: Why a delivery isn't sent, in words that its owner reads.
SWITCHED_OFF = "switched off before it could be sent"
ADDRESS_GONE = "the address was removed before it could be sent"

Describe = Callable[[Message], Description]


@dataclass(frozen=True)
class Claimed:
    """A claimed delivery: in words, or with the reason why it isn't to be sent."""

    id: int
    context: str
    attempts: int
    created_at: datetime
    words: Outgoing | str


def put_in_words(session: Session, ids: Sequence[int], describe: Describe) -> list[Claimed]:
    """The deliveries in words, in the order of ``ids``."""
    rows = session.execute(
        select(Delivery, Preference, User.nick, DetailValue.id)
        .join(Preference, Preference.id == Delivery.preference_id)
        .join(User, User.id == Preference.user_id)
        .outerjoin(DetailValue, (DetailValue.preference_id == Preference.id)
                   & (DetailValue.value == Delivery.destination) & DetailValue.confirmed_at.is_not(None))
        .where(Delivery.id.in_(ids))).all()
    items = _items(session, [delivery for delivery, *_ in rows], describe)
    found = {row[0].id: _claimed(row, items) for row in rows}
    return [found[delivery_id] for delivery_id in ids if delivery_id in found]


def _claimed(row: Row[Delivery, Preference, str, int], items: Mapping[int, Sequence[Item]]) -> Claimed:
    delivery, preference, nick, address_id = row
    words: Outgoing | str
    if not preference.enabled:
        words = SWITCHED_OFF
    elif address_id is None:
        words = ADDRESS_GONE
    else:
        words = Outgoing(
            key=delivery.key, nick=nick, preference_id=preference.id, destination=delivery.destination,
            items=items[delivery.id], created_at=delivery.created_at)
    return Claimed(delivery.id, delivery.context, delivery.attempts, delivery.created_at, words)


def _items(
    session: Session, deliveries: Iterable[Delivery], describe: Describe,
) -> Mapping[int, Sequence[Item]]:
    singles = {d.notification_id: d.id for d in deliveries if d.notification_id is not None}
    digests: defaultdict[int, list[int]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.digest_id is not None:
            digests[delivery.digest_id].append(delivery.id)
    rows = session.execute(
        select(Notification, Filter.name)
        .options(joinedload(Notification.stored_message))
        .outerjoin(Filter, Filter.id == Notification.filter_id)
        .where(or_(Notification.id.in_(singles), Notification.digest_id.in_(digests)))
        .order_by(Notification.id))
    items: defaultdict[int, list[Item]] = defaultdict(list)
    for notification, filter_name in rows:
        item = _item(notification, filter_name or "", describe)
        if notification.id in singles:
            items[singles[notification.id]].append(item)
        for delivery_id in digests.get(notification.digest_id or 0, ()):
            items[delivery_id].append(item)
    return items


def _item(notification: Notification, filter_name: str, describe: Describe) -> Item:
    stored: StoredMessage = notification.stored_message
    message = stored.message
    return Item(
        message=message, description=describe(message), agent=stored.agent, usernames=stored.usernames,
        packages=stored.packages, filter_id=notification.filter_id, filter_name=filter_name,
        notification_id=notification.id)
