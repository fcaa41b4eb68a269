"""What is known of what FMN heard: until when, and which stretches of time it has to ask about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fmn.infra.db import NEVER_REUSED, Base, RowId, UtcDateTime


class ReceivedUntil(Base):
    """Until when everything was heard that was sent: one row, none before the first message."""

    __tablename__ = "heard"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Backfill(Base):
    """A stretch of time that a source is still to be asked about: from ``reached`` to ``until``.

    A source has one row in each ``slot``: 0 for what is to be asked at once, else when it's asked again, in
    seconds since 1970. A further gap widens the row. Nobody works on it before ``not_before``, nor but
    ``claimed_by`` before ``claimed_until``. ``reason`` is why the last of so many ``failures`` happened.
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
