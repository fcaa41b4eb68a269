"""Tables of the ledger: messages, notifications, digests, deliveries.

A few columns keep older names in the database, given as the first argument: a migration has to leave the
previous version in working order, and renaming a column wouldn't.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmn.catalog import Message
from fmn.catalog.message import FEDMSG
from fmn.channels import MAX_ADDRESS_LENGTH
from fmn.infra.clock import utc_now
from fmn.infra.column_types import JsonText, RowId, StorableText, UtcDateTime
from fmn.infra.db import NEVER_REUSED, Base, PublicIdMixin
from fmn.ledger.name_indexes import message_name_indexes
from fmn.ledger.reasons import Reason


class DeliveryState(StrEnum):
    """State of a delivery."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


#: All but waiting: nothing follows.
ENDED: Final = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED)


class DeliveryKind(StrEnum):
    """Kind of a delivery."""

    SINGLE = "single"
    DIGEST = "digest"
    #: Asks the owner of an address to confirm it.
    CONFIRMATION = "confirmation"
    #: Shows that an address works.
    TEST = "test"
    #: Says something about the account.
    NOTICE = "notice"


def message_key(signer: str, msg_id: str) -> str:
    """A message's identity as text, 220 characters at most; part of deliveries' keys."""
    return f"{_signer_digest(signer)}:{msg_id}" if signer else msg_id


@lru_cache(maxsize=1_000)
def _signer_digest(signer: str) -> str:
    return sha256(signer.encode()).hexdigest()[:16]


class StoredMessage(Base):
    """A message. ``matched_at`` is empty until its notifications are in the ledger.

    The event type's name, agent, people, packages and groups are known from then on. ``enqueued_at`` is when
    a task for it was last sent: the sweep skips it for a while. ``tries`` counts the tries to match it alone
    that never ended, ``interruptions`` those in a row that took too long, see :mod:`fmn.ledger.quarantine`.
    ``thread_key`` is its thread's, if it has one and concerns somebody.

    Anybody who may publish can use any id, so a message is identified by its id and its ``signer``; that is
    ``""`` where nobody signs. It's ``late`` if it came from the bus long after it was sent.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("msg_id", "signer"),
        Index("ix_messages_unmatched", "id", postgresql_where=text("matched_at IS NULL"),
              sqlite_where=text("matched_at IS NULL")),
        Index("ix_messages_received_at", "received_at"),
        # Like that of finished deliveries for :mod:`fmn.ledger.figures`, which counts each row once.
        Index("ix_messages_matched_at", "matched_at", postgresql_where=text("matched_at IS NOT NULL"),
              sqlite_where=text("matched_at IS NOT NULL")),
        Index("ix_messages_thread_key", "thread_key", postgresql_where=text("thread_key IS NOT NULL"),
              sqlite_where=text("thread_key IS NOT NULL")),
        *message_name_indexes(),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    msg_id: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    signer: Mapped[str] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(StorableText)
    usernames: Mapped[list[str]] = mapped_column(JsonText)
    packages: Mapped[list[str]] = mapped_column(JsonText)
    groups: Mapped[list[str]] = mapped_column(JsonText, server_default="[]")
    body: Mapped[Any] = mapped_column(JsonText)
    headers: Mapped[dict[str, Any]] = mapped_column(JsonText, server_default="{}")
    source: Mapped[str] = mapped_column(String(100), server_default=FEDMSG)
    enqueued_at: Mapped[datetime | None] = mapped_column("hinted_at", UtcDateTime, key="enqueued_at")  # kept:
    matched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    interruptions: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    thread_key: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def key(self) -> str:
        """The message's :func:`message_key`."""
        return message_key(self.signer, self.msg_id)

    @property
    def message(self) -> Message:
        """The message as a value."""
        return Message(
            self.msg_id, self.topic, self.sent_at, self.body, self.signer, self.headers, self.source)


class RememberedId(Base):
    """A message's identity, kept long after the message so that it's stored only once."""

    __tablename__ = "remembered_ids"

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    since: Mapped[date] = mapped_column(Date, index=True)


class PublishedEvent(Base):
    """An event that's published in several forms, such as v1 and v2 of a schema, by its duplicate key.

    ``occurrences`` are its last ones: when each was sent, in seconds since 1970, and the topics of the forms
    that came.
    """

    __tablename__ = "published_events"

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    occurrences: Mapped[list[tuple[float, list[str]]]] = mapped_column(JsonText)
    since: Mapped[date] = mapped_column(Date, index=True)


class Notification(PublicIdMixin, Base):
    """A message concerns a preference, because of a filter.

    A ``batched`` one goes into a digest: ``digest_id``, once that is closed. It's ``throttled`` if it's
    batched only because so many others came, see :mod:`fmn.matching.pipeline`. ``read_at`` is when the user
    saw it in the inbox, ``done_at`` when they put it away, which implies that it's read. A snoozed one isn't
    in the inbox until ``snoozed_until``, and comes back unread.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("message_id", "preference_id"),
        Index("ix_notifications_waiting", "preference_id", "id",
              postgresql_where=text("batched AND digest_id IS NULL"),
              sqlite_where=text("batched AND digest_id IS NULL")),
        Index("ix_notifications_preference_id_id", "preference_id", "id"),
        Index("ix_notifications_at_once", "preference_id", "created_at",
              postgresql_where=text("NOT batched OR flooded"),
              sqlite_where=text("batched = 0 OR flooded = 1")),
        Index("ix_notifications_digest_id", "digest_id", postgresql_where=text("digest_id IS NOT NULL"),
              sqlite_where=text("digest_id IS NOT NULL")),
        Index("ix_notifications_unread", "preference_id", "id", postgresql_where=text("read_at IS NULL"),
              sqlite_where=text("read_at IS NULL")),
        # Together with the unread ones these are the inbox. No index of all open ones: recording would pay.
        Index("ix_notifications_read", "preference_id", "id",
              postgresql_where=text("read_at IS NOT NULL AND done_at IS NULL"),
              sqlite_where=text("read_at IS NOT NULL AND done_at IS NULL")),
        Index("ix_notifications_done", "preference_id", "id", postgresql_where=text("done_at IS NOT NULL"),
              sqlite_where=text("done_at IS NOT NULL")),
        Index("ix_notifications_snoozed", "preference_id", "snoozed_until",
              postgresql_where=text("snoozed_until IS NOT NULL AND done_at IS NULL"),
              sqlite_where=text("snoozed_until IS NOT NULL AND done_at IS NULL")),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    filter_id: Mapped[int | None] = mapped_column(ForeignKey("filters.id", ondelete="SET NULL"), index=True)
    batched: Mapped[bool]
    throttled: Mapped[bool] = mapped_column("flooded", key="throttled", default=False, server_default=false())
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digests.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    stored_message: Mapped[StoredMessage] = relationship()


class Digest(Base):
    """A closed batch of a preference's notifications. Its first one can be in no other digest.

    It's ``throttled`` if only throttling batched them; ``note`` explains that to the user, if they don't know
    yet. Notifications after ``last_listed_id`` are only counted: there are ``unlisted`` of them.
    """

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("preference_id", "first_notification_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    first_notification_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    throttled: Mapped[bool] = mapped_column("flooded", key="throttled", default=False, server_default=false())
    note: Mapped[str | None] = mapped_column(Text)
    last_listed_id: Mapped[int | None] = mapped_column(BigInteger)
    unlisted: Mapped[int] = mapped_column(default=0, server_default="0")


class DelayedFailure(Base):
    """A failure's notification, which waits ``until`` then in case what failed recovers.

    ``key`` identifies the subject that failed; :mod:`fmn.matching.recovery` deletes the row when that
    recovers.
    """

    __tablename__ = "holds"

    notification_id: Mapped[int] = mapped_column(
        ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(PublicIdMixin, Base):
    """One single notification, digest or system message to one address. ``key`` identifies it.

    ``next_attempt_at`` is when it may be tried, ``claimed_until`` until when only ``claimed_by`` may;
    ``enqueued_at`` is when a task for it was last sent. ``system_message`` is the content, if it isn't about
    notifications. ``bounced_at`` is when it bounced, if it did after it was sent.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_waiting", "context", "next_attempt_at",
              postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'")),
        Index("ix_deliveries_failed", "context", "id", postgresql_where=text("state = 'failed'"),
              sqlite_where=text("state = 'failed'")),
        Index("ix_deliveries_digest_id", "digest_id", postgresql_where=text("digest_id IS NOT NULL"),
              sqlite_where=text("digest_id IS NOT NULL")),
        Index("ix_deliveries_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL"),
              sqlite_where=text("finished_at IS NOT NULL")),
        Index("ix_deliveries_bounced", "preference_id", "bounced_at",
              postgresql_where=text("bounced_at IS NOT NULL"), sqlite_where=text("bounced_at IS NOT NULL")),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    context: Mapped[str] = mapped_column(String(50))
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"), index=True)
    destination: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH))
    notification_id: Mapped[int | None] = mapped_column(
        ForeignKey("notifications.id", ondelete="SET NULL"), index=True)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20), default=DeliveryState.WAITING)
    reason: Mapped[str] = mapped_column(StorableText, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    enqueued_at: Mapped[datetime | None] = mapped_column("hinted_at", UtcDateTime, key="enqueued_at")  # kept:
    claimed_by: Mapped[str | None] = mapped_column(String(100))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    system_message: Mapped[Any] = mapped_column("letter", JsonText, key="system_message", nullable=True)
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def reason_code(self) -> Reason | None:
        """The code of ``reason``; ``None`` for a channel's own words, and if there is none."""
        return Reason.of(self.reason)


class Stream(Base):
    """Event counter of a preference's stream: whoever appends events locks this row until the commit.

    ``last_number`` is that of its last event, which was appended at ``last_at``. It's a table of its own, so
    that users who edit the preference don't wait for its events.
    """

    __tablename__ = "streams"

    preference_id: Mapped[int] = mapped_column(
        ForeignKey("preferences.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    last_number: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class StreamEvent(Base):
    """An event of a stream. Once it's visible, so are all with smaller numbers that are kept.

    ``delivery_key`` is its delivery's, ``event_id`` the id that clients use; ``data`` is its JSON in ASCII.
    """

    __tablename__ = "stream_events"
    __table_args__ = (
        Index("ix_stream_events_created_at", "created_at", "preference_id", "number"),
        Index("ix_stream_events_delivery_key", "delivery_key"),
    )

    # Of the stream rather than the preference: whoever deletes a preference holds that one first.
    preference_id: Mapped[int] = mapped_column(
        ForeignKey("streams.preference_id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    delivery_key: Mapped[str] = mapped_column(String(300))
    event_id: Mapped[str] = mapped_column(String(320), unique=True)
    data: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class SavedSearch(Base):
    """A search of an inbox that its owner named, as text."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("user_id", "name"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class InboxUndo(Base):
    """What undoes a change of an inbox, kept for a day; JSON's null once it was undone."""

    __tablename__ = "inbox_undos"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    change: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)


class UnreadableRow(Base):
    """A message that couldn't be read, for administrators: why, and the beginning of its body."""

    __tablename__ = "unreadable_messages"
    __table_args__ = (Index("ix_unreadable_messages_received_at", "received_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    source: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    topic: Mapped[str] = mapped_column(StorableText)
    reason: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(StorableText)
    body: Mapped[str] = mapped_column(StorableText)
