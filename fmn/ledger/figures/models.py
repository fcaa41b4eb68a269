"""Tables of figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from fmn.infra.column_types import UtcDateTime
from fmn.infra.db import Base


class Figure(Base):
    """The installation's figure of one series for the ``seconds`` from ``begins`` on.

    It's a number of things, or the highest value there was, see :mod:`fmn.ledger.figures.series`.
    """

    __tablename__ = "figures"

    series: Mapped[str] = mapped_column(String(100), primary_key=True)
    seconds: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    begins: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class DailyFigure(Base):
    """What a filter let through on a day in its owner's time zone: ``came``.

    The row with the filter 0 has what the channel ``sent`` that day: single notifications and digests.
    """

    __tablename__ = "daily_figures"
    __table_args__ = (Index("ix_daily_figures_day", "day"),)

    preference_id: Mapped[int] = mapped_column(
        ForeignKey("preferences.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    filter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    came: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    sent: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class FigureBookmark(Base):
    """Bookmark of the counting: how far it has counted a part of the ledger.

    All up to ``position`` is. All up to ``target`` will be, once the transactions up to ``horizon`` have
    ended: one of them may yet commit a row from before the target.
    """

    __tablename__ = "figure_bookmarks"

    source: Mapped[str] = mapped_column(String(30), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    target: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    horizon: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
