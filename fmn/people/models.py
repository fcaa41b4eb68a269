"""Tables of people: users, preferences per context, addresses, sessions, tokens, and the change log."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Time,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmn.channels import MAX_ADDRESS_LENGTH
from fmn.infra.clock import utc_now
from fmn.infra.column_types import JsonText, RowId, StorableText, UtcDateTime
from fmn.infra.db import NEVER_REUSED, Base, PublicIdMixin


class User(PublicIdMixin, Base):
    """A person, identified by the nick that bus messages name.

    The identity provider ``issuer`` knows them as ``subject``, because a nick may be given to somebody else
    later. Both are ``None`` until they sign in. ``succeeds`` is true if another account had the nick before:
    settings of this installation that name the nick don't apply then.

    ``language`` is the one that they have chosen for pages and mails; without it, pages are in the
    browser's.

    ``email`` is the address of the last sign-in; nothing is sent there unless it's a confirmed address, too.
    ``set_up_at`` is when they finished the first visit. A higher ``session_version`` ends all sessions, a
    higher ``feed_version`` changes the address of the feed. Until ``patterns_paused_until`` they can't save
    regular expressions, because theirs took too much computing time.

    Until ``paused_until`` nothing is sent to them, see :mod:`fmn.ledger.pauses`; it stays there when that is
    over. ``time_zone_chosen`` says that they chose their time zone, so that no other one is offered.
    """

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_issuer_subject", "issuer", "subject", unique=True), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    nick: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    email: Mapped[str | None] = mapped_column(String(500))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    language: Mapped[str | None] = mapped_column(String(16))
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_version: Mapped[int] = mapped_column(default=0, server_default="0")
    feed_version: Mapped[int] = mapped_column(default=0, server_default="0")
    patterns_paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    time_zone_chosen: Mapped[bool] = mapped_column(default=False, server_default=false())

    issuer: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(255))
    succeeds: Mapped[bool] = mapped_column(default=False, server_default=false())

    preferences: Mapped[list[Preference]] = relationship(back_populates="user", order_by="Preference.id")


class Preference(PublicIdMixin, Base):
    """A user's settings for one context.

    A digest is sent as soon as ``digest_count`` messages wait, ``digest_seconds`` after the first of them, or
    at the ``clock_times`` ("08:00") of the ``clock_days`` (0 is Monday) in the user's time zone, whichever
    comes first. With none of them, every notification is sent immediately. From ``quiet_from`` until
    ``quiet_until`` nothing is sent, except urgent ones with ``quiet_lets_severe``.

    ``version`` counts the changes of what the preference's page shows.
    """

    __tablename__ = "preferences"
    __table_args__ = (
        UniqueConstraint("user_id", "context"),
        CheckConstraint("digest_count > 1", name="digest_count"),
        CheckConstraint("digest_seconds > 0", name="digest_seconds"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    context: Mapped[str] = mapped_column(String(50))
    enabled: Mapped[bool] = mapped_column(default=True)
    digest_count: Mapped[int | None]
    digest_seconds: Mapped[int | None]
    clock_times: Mapped[list[str]] = mapped_column(JsonText, default=list, server_default="[]")
    clock_days: Mapped[list[int]] = mapped_column(JsonText, default=list, server_default="[]")
    quiet_from: Mapped[time | None] = mapped_column(Time)
    quiet_until: Mapped[time | None] = mapped_column(Time)
    quiet_lets_severe: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: Presentation: the whole text or just a sentence; who or what triggered it; short links of our own
    #: instead of long ones; HTML, colours and the like; digests as mails with a mail for each notification.
    long_text: Mapped[bool] = mapped_column(default=True, server_default=true())
    trigger_links: Mapped[bool] = mapped_column(default=True, server_default=true())
    short_links: Mapped[bool] = mapped_column(default=False, server_default=false())
    markup: Mapped[bool] = mapped_column(default=True, server_default=true())
    mime_digest: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=0, server_default="0")

    user: Mapped[User] = relationship(back_populates="preferences")
    detail_values: Mapped[list[DetailValue]] = relationship(
        back_populates="preference", order_by="DetailValue.id")


class DetailValue(Base):
    """An address in a context. Until it's confirmed, only its confirmation is sent there.

    ``off_at`` is when an address that doesn't work was disabled, ``off_reason`` why, for its owner.
    ``failures`` counts consecutive refused deliveries, the first of them at ``failing_since``.
    """

    __tablename__ = "detail_values"
    __table_args__ = (UniqueConstraint("preference_id", "value"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    value: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=utc_now)
    off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_reason: Mapped[str | None] = mapped_column(StorableText)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    preference: Mapped[Preference] = relationship(back_populates="detail_values")


class Confirmation(PublicIdMixin, Base):
    """A request to confirm an address. It's kept when the address is removed.

    Its signed id is the link, or the code. ``wrong_tries`` counts wrong codes that may have meant it.
    """

    __tablename__ = "confirmations"
    __table_args__ = (
        Index("ix_confirmations_value_created_at", "context", "value", "created_at"),
        Index("ix_confirmations_user_id_created_at", "user_id", "created_at"),
        Index("ix_confirmations_created_at", "created_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    detail_value_id: Mapped[int | None] = mapped_column(
        ForeignKey("detail_values.id", ondelete="SET NULL"), index=True)
    context: Mapped[str] = mapped_column(String(50))
    value: Mapped[str] = mapped_column(String(MAX_ADDRESS_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_tries: Mapped[int] = mapped_column(default=0, server_default="0")


class BrowserSession(Base):
    """A browser in which a user is signed in. Of the cookie's secret only the SHA-256 is stored.

    It ends at ``ends_at``, or earlier without requests. ``last_seen_at`` is exact to the hour. ``browser`` is
    a short name from its User-Agent.
    """

    __tablename__ = "browser_sessions"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    browser: Mapped[str] = mapped_column(String(100))
    how: Mapped[str] = mapped_column(String(20))


class ApiToken(Base):
    """A token with which a program acts for a user, within its scopes. Only its SHA-256 is stored."""

    __tablename__ = "api_tokens"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PreferenceRevision(Base):
    """The one row that counts all changes of preferences; its lock serializes commits."""

    __tablename__ = "preference_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)


class PreferenceChange(Base):
    """The users who changed at a revision, with the changed parts: object, context and part.

    ``filters`` are the filters that the user changed: action, id and name.
    """

    __tablename__ = "preference_changes"
    __table_args__ = (Index("ix_preference_changes_changed_at", "changed_at"),)

    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    changed: Mapped[list[list[str]]] = mapped_column(JsonText, default=list, server_default="[]")
    filters: Mapped[list[tuple[str, int, str]]] = mapped_column(JsonText, default=list, server_default="[]")


class AnnouncedRevision(Base):
    """The one row with the last revision that was announced on the bus."""

    __tablename__ = "announced_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
