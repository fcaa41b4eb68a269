"""Queries of due deliveries: plain values, with one statement for each kind.

One message may be due to ten thousand people. ORM objects, five for each delivery, took more time than all
other steps of rendering. So these are Core statements, built once, that select only the columns needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.filters.models import Filter, label_of
from fmn.infra.column_types import clock_reading
from fmn.infra.db import Base
from fmn.infra.id_lists import in_ids
from fmn.infra.prepared_statements import PreparedStatement
from fmn.ledger.deliveries import IS_OPEN
from fmn.ledger.models import Delivery, Digest, Notification, StoredMessage
from fmn.people.models import DetailValue, Preference, User


class DeliveryRow(NamedTuple):
    """A delivery with its owner and the owner's preference.

    ``address_id`` is ``None`` unless its destination is a confirmed address of theirs; ``unlisted`` and
    ``note`` are its digest's, if it's one.
    """

    id: int
    key: str
    kind: str
    context: str
    preference_id: int
    destination: str
    notification_id: int | None
    digest_id: int | None
    attempts: int
    created_at: datetime
    system_message: Any
    nick: str
    time_zone: str
    enabled: bool
    quiet_from: time | None
    quiet_until: time | None
    quiet_lets_severe: bool
    long_text: bool
    trigger_links: bool
    short_links: bool
    markup: bool
    mime_digest: bool
    address_id: int | None
    unlisted: int | None
    note: str | None
    nonce: int | None
    preference_nonce: int | None
    paused_until: datetime | None
    language: str | None


class RecheckedRow(NamedTuple):
    """The columns of a claimed delivery that may have changed since it was read.

    The fields but ``at``, which is the database's clock then, are named as those of :class:`DeliveryRow`.
    """

    id: int
    notification_id: int | None
    digest_id: int | None
    enabled: bool
    quiet_from: time | None
    quiet_until: time | None
    quiet_lets_severe: bool
    address_id: int | None
    paused_until: datetime | None
    at: datetime | None


class NotificationRow(NamedTuple):
    """A delivery's notification and the filter that matched, ``None`` if it's deleted."""

    notification_id: int
    digest_id: int | None
    message_id: int
    filter_id: int | None
    filter_name: str | None
    nonce: int | None
    filter_nonce: int | None


class MessageRow(NamedTuple):
    """A message, and whom and what it concerns."""

    id: int
    msg_id: str
    topic: str
    sent_at: datetime
    received_at: datetime
    body: Any
    signer: str
    headers: Mapping[str, Any]
    source: str
    agent: str | None
    usernames: Sequence[str]
    packages: Sequence[str]
    groups: Sequence[str]

    @property
    def message(self) -> Message:
        """The message as a value."""
        return Message(
            self.msg_id, self.topic, self.sent_at, self.body, self.signer, self.headers, self.source)


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


_DELIVERIES: Final = _table(Delivery).c
_PREFERENCES: Final = _table(Preference).c
_USERS: Final = _table(User).c
_ADDRESSES: Final = _table(DetailValue).c
_DIGESTS: Final = _table(Digest).c
_NOTIFICATIONS: Final = _table(Notification).c
_FILTERS: Final = _table(Filter).c
_MESSAGES: Final = _table(StoredMessage).c

_READ_DELIVERIES: Final = PreparedStatement(
    select(
        *(_DELIVERIES[name] for name in (
            "id", "key", "kind", "context", "preference_id", "destination", "notification_id", "digest_id",
            "attempts", "created_at", "system_message")),
        _USERS.nick, _USERS.time_zone,
        *(_PREFERENCES[name] for name in (
            "enabled", "quiet_from", "quiet_until", "quiet_lets_severe", "long_text", "trigger_links",
            "short_links", "markup", "mime_digest")),
        _ADDRESSES.id, _DIGESTS.unlisted, _DIGESTS.note,
        _DELIVERIES.nonce, _PREFERENCES.nonce, _USERS.paused_until, _USERS.language)
    .join_from(_table(Delivery), _table(Preference), _PREFERENCES.id == _DELIVERIES.preference_id)
    .join(_table(User), _USERS.id == _PREFERENCES.user_id)
    .outerjoin(_table(DetailValue), (_ADDRESSES.preference_id == _PREFERENCES.id)
               & (_ADDRESSES.value == _DELIVERIES.destination) & _ADDRESSES.confirmed_at.is_not(None))
    .outerjoin(_table(Digest), _DIGESTS.id == _DELIVERIES.digest_id)
    .where(in_ids(_DELIVERIES.id, "ids")))

_READ_STILL_CLAIMED: Final = PreparedStatement(
    select(
        _DELIVERIES.id, _DELIVERIES.notification_id, _DELIVERIES.digest_id,
        *(_PREFERENCES[name] for name in ("enabled", "quiet_from", "quiet_until", "quiet_lets_severe")),
        _ADDRESSES.id, _USERS.paused_until, clock_reading())
    .join_from(_table(Delivery), _table(Preference), _PREFERENCES.id == _DELIVERIES.preference_id)
    .join(_table(User), _USERS.id == _PREFERENCES.user_id)
    .outerjoin(_table(DetailValue), (_ADDRESSES.preference_id == _PREFERENCES.id)
               & (_ADDRESSES.value == _DELIVERIES.destination) & _ADDRESSES.confirmed_at.is_not(None))
    .where(in_ids(_DELIVERIES.id, "ids"), IS_OPEN,
           _DELIVERIES.claimed_by == bindparam("claimant")))

_READ_NOTIFICATIONS: Final = PreparedStatement(
    select(_NOTIFICATIONS.id, _NOTIFICATIONS.digest_id, _NOTIFICATIONS.message_id, _NOTIFICATIONS.filter_id,
           label_of(_FILTERS.name, _FILTERS.group_name), _NOTIFICATIONS.nonce, _FILTERS.nonce)
    .join_from(_table(Notification), _table(Filter), _FILTERS.id == _NOTIFICATIONS.filter_id, isouter=True)
    .outerjoin(_table(Digest), _DIGESTS.id == _NOTIFICATIONS.digest_id)
    .where(or_(in_ids(_NOTIFICATIONS.id, "singles"), in_ids(_NOTIFICATIONS.digest_id, "digests")),
           or_(_DIGESTS.last_listed_id.is_(None), _NOTIFICATIONS.id <= _DIGESTS.last_listed_id))
    .order_by(_NOTIFICATIONS.id))

_READ_MESSAGES: Final = PreparedStatement(
    select(*(_MESSAGES[name] for name in (
        "id", "msg_id", "topic", "sent_at", "received_at", "body", "signer", "headers", "source", "agent",
        "usernames", "packages", "groups")))
    .where(in_ids(_MESSAGES.id, "ids")))


def read_deliveries(session: Session | Connection, ids: Sequence[int]) -> Sequence[DeliveryRow]:
    """Read deliveries, in any order."""
    return [DeliveryRow._make(row) for row in _READ_DELIVERIES.rows(session, {"ids": ids})]


def read_still_claimed(connection: Connection, ids: Sequence[int], claimant: str) -> Sequence[RecheckedRow]:
    """Read again those of the deliveries that are still pending and claimed by ``claimant``."""
    rows = _READ_STILL_CLAIMED.rows(connection, {"ids": ids, "claimant": claimant})
    return list(map(RecheckedRow._make, rows))


def read_notifications(
    session: Session | Connection, deliveries: Iterable[DeliveryRow],
) -> Mapping[int, Sequence[NotificationRow]]:
    """Notifications of each delivery, by its id, oldest first. Deliveries may share notifications."""
    singles: defaultdict[int, list[int]] = defaultdict(list)
    digests: defaultdict[int, list[int]] = defaultdict(list)
    for due in deliveries:
        if due.notification_id is not None:
            singles[due.notification_id].append(due.id)
        if due.digest_id is not None:
            digests[due.digest_id].append(due.id)
    contents: defaultdict[int, list[NotificationRow]] = defaultdict(list)
    rows = _READ_NOTIFICATIONS.rows(session, {"singles": list(singles), "digests": list(digests)})
    for row in map(NotificationRow._make, rows):
        in_digests = () if row.digest_id is None else digests.get(row.digest_id, ())
        for delivery_id in (*singles.get(row.notification_id, ()), *in_digests):
            contents[delivery_id].append(row)
    return contents


def read_messages(
    session: Session | Connection, contents: Iterable[Sequence[NotificationRow]],
) -> Mapping[int, MessageRow]:
    """Messages of these notifications, by their ids."""
    ids = {row.message_id for content in contents for row in content}
    rows = _READ_MESSAGES.rows(session, {"ids": list(ids)})
    return {row.id: row for row in map(MessageRow._make, rows)}
