"""Tables of people: who they are, and for each context how and where they want to hear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmn.clock import utc_now
from fmn.db import NEVER_REUSED, Base, RowId, UtcDateTime


class User(Base):
    """A person, known by the nick that bus messages call them by."""

    __tablename__ = "users"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    nick: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    preferences: Mapped[list[Preference]] = relationship(back_populates="user", order_by="Preference.id")


class Preference(Base):
    """One user's settings for one context.

    A digest is sent as soon as ``digest_count`` messages wait, or ``digest_seconds`` after the first of
    them, whichever comes first; with neither, every notification is sent at once.
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

    user: Mapped[User] = relationship(back_populates="preferences")
    detail_values: Mapped[list[DetailValue]] = relationship(
        back_populates="preference", order_by="DetailValue.id")


class DetailValue(Base):
    """An address in a context. Until its owner confirmed it, it gets nothing but the confirmation."""

    __tablename__ = "detail_values"
    __table_args__ = (UniqueConstraint("preference_id", "value"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    value: Mapped[str] = mapped_column(String(500))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    preference: Mapped[Preference] = relationship(back_populates="detail_values")


class PreferenceRevision(Base):
    """The one row that every change of anyone's preferences counts up; its lock orders the commits."""

    __tablename__ = "preference_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)


class PreferenceChange(Base):
    """Whose preferences changed at which revision."""

    __tablename__ = "preference_changes"

    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
