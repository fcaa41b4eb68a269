"""Tables of filters. A filter is a narrow row; what it asks is stored once, however many people ask it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fmn.db import NEVER_REUSED, Base, JsonText, RowId
from fmn.filters.expressions import Expression, expression_from_json


class StoredExpression(Base):
    """An expression: the rules of every filter that is alike. "Me" in it stands for the filter's owner."""

    __tablename__ = "expressions"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[Any] = mapped_column(JsonText)

    @property
    def expression(self) -> Expression:
        """The expression as a value."""
        return expression_from_json(self.body)


class Filter(Base):
    """One of a preference's filters; the first one in order of position that matches counts."""

    __tablename__ = "filters"
    __table_args__ = (Index("ix_filters_preference_id_position", "preference_id", "position"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    preference_id: Mapped[int] = mapped_column(ForeignKey("preferences.id", ondelete="CASCADE"))
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    enabled: Mapped[bool] = mapped_column(default=True)
    #: Fires once, then switches itself off.
    oneshot: Mapped[bool] = mapped_column(default=False)

    stored: Mapped[StoredExpression] = relationship()
