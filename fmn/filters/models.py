"""Tables of filters, expressions, mutes and undos."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    SQLColumnExpression,
    String,
    Text,
    UniqueConstraint,
    case,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmn.filters.expressions import Expression, MalformedExpressionError, expression_from_json
from fmn.infra.clock import utc_now
from fmn.infra.column_types import JsonText, RowId, UtcDateTime
from fmn.infra.db import NEVER_REUSED, Base, PublicIdMixin


class StoredExpression(Base):
    """An expression, shared by all filters that have it. "Me" in it stands for the filter's owner."""

    __tablename__ = "expressions"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[Any] = mapped_column(JsonText)

    @property
    def expression(self) -> Expression:
        """The expression as a value. Raises :class:`~fmn.filters.expressions.MalformedExpressionError`."""
        return expression_from_json(self.body)

    @property
    def expression_or_none(self) -> Expression | None:
        """The expression as a value, ``None`` if it can't be read any more."""
        try:
            return self.expression
        except MalformedExpressionError:
            return None


class Filter(PublicIdMixin, Base):
    """A filter of a preference. The first one that matches, in order of position, counts.

    A snoozed filter is off until ``snoozed_until``. A filter with ``hold_minutes`` delays failures by so many
    minutes, and sends nothing if they recover meanwhile. ``stop_reason`` is shown to the owner if an
    administrator or FMN switched the filter off. ``version`` counts changes of the name, the expression and
    the note. ``group_name`` is set on a group's filter, which its members get: see
    :mod:`fmn.filters.group_filters`.
    """

    __tablename__ = "filters"
    __table_args__ = (
        Index("ix_filters_preference_id_position", "preference_id", "position"),
        Index("ix_filters_snoozed_until", "snoozed_until", postgresql_where=text("snoozed_until IS NOT NULL"),
              sqlite_where=text("snoozed_until IS NOT NULL")),
        Index("ix_filters_group_name", "group_name", postgresql_where=text("group_name IS NOT NULL"),
              sqlite_where=text("group_name IS NOT NULL")),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    enabled: Mapped[bool] = mapped_column(default=True)
    #: Fires once, then switches itself off.
    oneshot: Mapped[bool] = mapped_column(default=False)
    hold_minutes: Mapped[int | None]
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The column keeps its first name, so that processes of the previous version go on during an upgrade.
    stop_reason: Mapped[str | None] = mapped_column("note", Text)
    #: The owner's note to themselves.
    owner_note: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    group_name: Mapped[str | None] = mapped_column(String(200))

    stored: Mapped[StoredExpression] = relationship()


class GroupOptOut(Base):
    """A member of a group who doesn't want its filters."""

    __tablename__ = "group_opt_outs"
    __table_args__ = (UniqueConstraint("group_name", "user_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    group_name: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class GroupEditor(Base):
    """A member of a group whom an administrator lets edit its filters. It counts while they're a member."""

    __tablename__ = "group_editors"
    __table_args__ = (UniqueConstraint("group_name", "user_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    group_name: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


def label_of(
    name: SQLColumnExpression[str], group_name: SQLColumnExpression[str | None],
) -> ColumnElement[str]:
    """SQL for a filter's name as notifications show it: "Failures (@infra)" for one of a group."""
    return case((group_name.is_(None), name), else_=name + " (@" + group_name + ")")


class MuteKind(StrEnum):
    """What a mute is about."""

    EVENT = "event"
    PACKAGE = "package"
    THREAD = "thread"


class Mute(Base):
    """A mute: the user gets nothing about this for a while, or ever, whichever filter matches.

    ``value`` is the name of an event type, a package, or the link that a thread's messages share; ``until``
    is ``None`` for ever.
    """

    __tablename__ = "mutes"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "value"),
        Index("ix_mutes_until", "until", postgresql_where=text("until IS NOT NULL"),
              sqlite_where=text("until IS NOT NULL")),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(500))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Undo(Base):
    """Filters as they were before an edit, kept for a day so that it can be undone."""

    __tablename__ = "undos"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"), index=True)
    filters: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)


class SharedFilters(PublicIdMixin, Base):
    """Filters that a user shares by a link, as they were then. The same ones have the same link.

    ``filters`` are name, expression and options of each; ``digest`` is that of their JSON.
    """

    __tablename__ = "shared_filters"
    __table_args__ = (UniqueConstraint("user_id", "digest"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    filters: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
