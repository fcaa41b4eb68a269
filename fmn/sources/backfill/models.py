"""Tables of received times and pending backfills."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fmn.infra.column_types import RowId, UtcDateTime
from fmn.infra.db import NEVER_REUSED, Base


class ReceivedUntil(Base):
    """Time until which everything was received: one row, none before the first message."""

    __tablename__ = "heard"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Backfill(Base):
    """A pending backfill of a source: the period from ``reached`` to ``until``.

    A source has one row per ``slot``: 0 for a backfill at once, else the time of the recheck in seconds since
    1970. A further gap widens the row. Nobody works on it before ``not_before``, and only ``claimed_by``
    before ``claimed_until``. ``reason`` is the cause of the last of ``failures``.
    """

    __tablename__ = "catch_ups"
    __table_args__ = (UniqueConstraint("source", "slot"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    slot: Mapped[int] = mapped_column(BigInteger)
    reached: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    reason: Mapped[str] = mapped_column(Text, default="")
