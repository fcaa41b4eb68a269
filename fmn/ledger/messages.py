"""Messages: storing each once, finding unmatched ones, pruning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import repeat
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, or_, select, true, update
from sqlalchemy.orm import Session

from fmn.catalog import Facts, Message
from fmn.catalog.threads import thread_of
from fmn.infra.db import Base, insert_new, update_rows
from fmn.ledger.event_forms import identities_of_other_forms
from fmn.ledger.models import (
    Delivery,
    DeliveryState,
    Notification,
    RememberedId,
    StoredMessage,
    message_key,
)

#: Notifications deleted in one transaction, with what refers to them.
NOTIFICATIONS_AT_ONCE: Final = 5_000
#: Messages that are matched together with others, see :mod:`fmn.ledger.quarantine`.
BATCHABLE: Final[ColumnElement[bool]] = (StoredMessage.tries == 0) & (StoredMessage.interruptions == 0)
_TABLE: Final = Base.metadata.tables[StoredMessage.__tablename__]


def store(
    session: Session, messages: Iterable[Message], now: datetime, *,
    received_at: Sequence[datetime] | None = None, freshness: timedelta = timedelta.max,
) -> list[int]:
    """Store messages that never came before; returns their ids in the ledger.

    A message is known, too, if another form of its event came, see :mod:`fmn.ledger.event_forms`.
    ``received_at`` is when each came from the bus, by default ``now``. A message sent longer than
    ``freshness`` before that is marked late.
    """
    times = repeat(now) if received_at is None else received_at
    arrivals: dict[bytes, tuple[Message, datetime]] = {}
    for arrival in zip(messages, times, strict=False):
        arrivals.setdefault(identity_digest(arrival[0]), arrival)
    # In one order, so that two who take in the same ones don't wait for each other.
    ids = [{"digest": each, "since": now.date()} for each in sorted(arrivals)]
    unknown = {row.digest for row in insert_new(session, RememberedId, ids, RememberedId.digest)}
    new = [arrival for digest, arrival in arrivals.items() if digest in unknown]
    known = identities_of_other_forms(session, [message for message, _ in new], now)
    rows = [
        _row(message, now, came, freshness) for message, came in new if message.identity not in known]
    return [row.id for row in insert_new(session, StoredMessage, rows, StoredMessage.id)]


def identity_digest(message: Message) -> bytes:
    """A message's identity for :class:`~fmn.ledger.models.RememberedId`: 16 bytes from its signer and id."""
    return _identity_digest(message.signer, message.msg_id)


def _identity_digest(signer: str, msg_id: str) -> bytes:
    return sha256(f"{signer}\0{msg_id}".encode("utf-8", "surrogatepass")).digest()[:16]


def remember_content(session: Session, signer: str, content_id: str, now: datetime) -> bool:
    """Remember what a signer has signed, beside the ids of messages; returns whether it's new.

    For sources whose signatures don't cover the messages' ids.
    """
    digest = _identity_digest(signer, content_id)
    return bool(insert_new(
        session, RememberedId, [{"digest": digest, "since": now.date()}], RememberedId.digest))


def messages_with_id(session: Session, msg_id: str) -> Sequence[StoredMessage]:
    """Messages with an id, oldest first: several signers may use the same one."""
    return session.scalars(
        select(StoredMessage).where(StoredMessage.msg_id == msg_id).order_by(StoredMessage.id)).all()


def prune_remembered_ids(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` remembered ids of messages from before then; returns how many."""
    old = (
        select(RememberedId.digest).where(RememberedId.since < before.date())
        .order_by(RememberedId.since).limit(limit))
    ids = list(session.scalars(old))
    session.execute(
        delete(RememberedId).where(RememberedId.digest.in_(ids)).execution_options(synchronize_session=False))
    return len(ids)


def _row(message: Message, now: datetime, received_at: datetime, freshness: timedelta) -> Mapping[str, Any]:
    return {
        "late": received_at - message.sent_at > freshness,
        "msg_id": message.msg_id, "topic": message.topic, "category": message.category,
        "sent_at": message.sent_at, "received_at": received_at, "enqueued_at": now, "signer": message.signer,
        "usernames": [], "packages": [], "groups": [], "body": message.body, "headers": dict(message.headers),
        "source": message.source,
    }


class UnmatchedMessage(NamedTuple):
    """A message of the ledger that is locked to be matched, and its id there."""

    id: int
    message: Message

    @property
    def key(self) -> str:
        """The message's :func:`~fmn.ledger.models.message_key`."""
        return message_key(self.message.signer, self.message.msg_id)


def _unmatched(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_TABLE.c.id, _TABLE.c.msg_id, _TABLE.c.topic, _TABLE.c.sent_at, _TABLE.c.body, _TABLE.c.signer,
               _TABLE.c.headers, _TABLE.c.source)
        .where(_TABLE.c.id.in_(bindparam("ids", expanding=True)), _TABLE.c.matched_at.is_(None), which)
        .order_by(_TABLE.c.id)
        .with_for_update(skip_locked=True))


#: Made once, of the table: making a statement of a model's attributes takes longer than running it.
_UNMATCHED: Final = _unmatched(true())
_BATCHABLE_UNMATCHED: Final = _unmatched((_TABLE.c.tries == 0) & (_TABLE.c.interruptions == 0))


def lock_unmatched(
    session: Session, ids: Sequence[int], *, batchable: bool = True,
) -> list[UnmatchedMessage]:
    """Lock those of the messages that are unmatched until the commit; skips those locked by others.

    ``batchable`` limits them to those that no process may have died of.
    """
    rows = session.execute(_BATCHABLE_UNMATCHED if batchable else _UNMATCHED, {"ids": ids})
    return [UnmatchedMessage(row_id, Message(*fields)) for row_id, *fields in rows]


def mark_matched(
    session: Session, matched: Iterable[tuple[int, Facts]], now: datetime, concerning: Collection[int] = (),
) -> None:
    """Mark messages matched, and store the facts read from them. Messages are named by their ledger ids.

    Those ``concerning`` somebody also get the keys of their threads.
    """
    update_rows(session, StoredMessage, [
        {
            "id": message_id, "matched_at": now, "event": facts.event.name, "agent": facts.agent,
            "usernames": sorted(facts.usernames), "packages": sorted(map(str, facts.packages)),
            "groups": sorted(facts.groups),
            "thread_key": thread_key(thread_of(facts)) if message_id in concerning else None,
        }
        for message_id, facts in matched])


def thread_key(thread: str) -> int | None:
    """A thread's key by its URL, small enough for an index; ``None`` without a thread."""
    return int.from_bytes(sha256(thread.encode()).digest()[:8], signed=True) if thread else None


def enqueue_unmatched(
    session: Session, now: datetime, grace: timedelta, limit: int, *,
    which: ColumnElement[bool] = BATCHABLE,
) -> list[int]:
    """Ids of unmatched messages without a task, oldest first; marks them enqueued.

    ``which`` limits them, by default to those that no process may have died of.
    """
    lost = (
        select(StoredMessage.id)
        .where(StoredMessage.matched_at.is_(None), which,
               or_(StoredMessage.enqueued_at.is_(None), StoredMessage.enqueued_at <= now - grace))
        .order_by(StoredMessage.id).limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(lost))
    session.execute(update(StoredMessage).where(StoredMessage.id.in_(ids)).values(enqueued_at=now))
    return ids


def prune(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` messages received before ``before`` that nothing waits for; returns how many.

    Their deliveries stay, without the message. A message with very many notifications goes in several runs,
    with the last of its notifications.
    """
    waiting = exists().where(
        Notification.message_id == StoredMessage.id,
        or_(
            Notification.batched & Notification.digest_id.is_(None),
            exists().where(
                Delivery.state == DeliveryState.WAITING,
                or_(Delivery.notification_id == Notification.id,
                    Delivery.digest_id == Notification.digest_id)),
        ))
    ids = list(session.scalars(
        select(StoredMessage.id)
        .where(StoredMessage.received_at < before, StoredMessage.matched_at.is_not(None), ~waiting)
        .order_by(StoredMessage.received_at).limit(limit)))
    some = select(Notification.id).where(Notification.message_id.in_(ids)).limit(NOTIFICATIONS_AT_ONCE)
    session.execute(
        delete(Notification).where(Notification.id.in_(some)).execution_options(synchronize_session=False))
    session.execute(
        delete(StoredMessage)
        .where(StoredMessage.id.in_(ids), ~exists().where(Notification.message_id == StoredMessage.id))
        .execution_options(synchronize_session=False))
    return len(ids)
