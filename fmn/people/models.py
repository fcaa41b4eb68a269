"""Tables of people: who they are, and for each context how and where they want to hear."""

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

from fmn.infra.clock import utc_now
from fmn.infra.db import NEVER_REUSED, Base, JsonText, PublicIdMixin, RowId, StorableText, UtcDateTime


class User(PublicIdMixin, Base):
    """A person, known by the nick that bus messages call them by.

    Who signs in as them is who the provider ``issuer`` calls ``subject``: a nick may be given anew, that not.
    Both are empty until they sign in. If it ``succeeds`` another account that had the nick before, what
    settings say of the nick isn't meant for this one.
    ``email`` is what the sign-in said last; nothing is sent there unless it's a confirmed detail value, too.
    ``set_up_at`` is when they went through the first visit. Counting up ``session_version`` ends all their
    sessions, counting up ``feed_version`` breaks the address of their feed. Until ``patterns_paused_until``
    their filters can't be given regular expressions, as those they had took too much computing time.
    """

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_issuer_subject", "issuer", "subject", unique=True), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    nick: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    email: Mapped[str | None] = mapped_column(String(500))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_version: Mapped[int] = mapped_column(default=0, server_default="0")
    feed_version: Mapped[int] = mapped_column(default=0, server_default="0")
    patterns_paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    issuer: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(255))
    succeeds: Mapped[bool] = mapped_column(default=False, server_default=false())

    preferences: Mapped[list[Preference]] = relationship(back_populates="user", order_by="Preference.id")


class Preference(PublicIdMixin, Base):
    """One user's settings for one context.

    A digest is sent as soon as ``digest_count`` messages wait, ``digest_seconds`` after the first of them, or
    at the ``clock_times`` ("08:00") of the ``clock_days`` (0 is Monday) in the user's time zone, whichever
    comes first; with none of them, every notification is sent at once. From ``quiet_from`` until
    ``quiet_until`` nothing is sent, but what is severe if ``quiet_lets_severe``.

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
    """An address in a context. Until its owner confirmed it, it gets nothing but the confirmation.

    One that turned out not to work isn't confirmed any more: ``off_at`` is since when, ``off_reason`` why, in
    words for its owner. ``failures`` is how many deliveries were refused there in a row, the first of them at
    ``failing_since``; what was sent later ends the row.
    """

    __tablename__ = "detail_values"
    __table_args__ = (UniqueConstraint("preference_id", "value"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    value: Mapped[str] = mapped_column(String(500))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=utc_now)
    off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_reason: Mapped[str | None] = mapped_column(StorableText)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    preference: Mapped[Preference] = relationship(back_populates="detail_values")


class Confirmation(PublicIdMixin, Base):
    """A request to its owner to confirm an address, which stays on record when the address is removed.

    Its name, signed, is the link that confirms, or the code; ``wrong_tries`` counts what was typed for that.
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
    value: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_tries: Mapped[int] = mapped_column(default=0, server_default="0")


class BrowserSession(Base):
    """A browser in which a user is signed in. Of what its cookie has only the SHA-256 is kept.

    It holds until it ``ends_at``, or ends before if nobody comes by for long; when it was last seen is known
    to the hour. ``browser`` is what it calls itself, in short.
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
    """What lets a program act for a user, within its scopes. Of the token itself only the SHA-256 is kept."""

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
    """The one row that every change of anyone's preferences counts up; its lock orders the commits."""

    __tablename__ = "preference_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)


class PreferenceChange(Base):
    """Whose preferences changed at which revision, and what of them: what it is, the context, which part."""

    __tablename__ = "preference_changes"
    __table_args__ = (Index("ix_preference_changes_changed_at", "changed_at"),)

    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    changed: Mapped[list[list[str]]] = mapped_column(JsonText, default=list, server_default="[]")


class AnnouncedRevision(Base):
    """The one row that says up to which revision changes were announced on the bus."""

    __tablename__ = "announced_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
