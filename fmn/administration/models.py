"""Tables of the append-only audit log, of channels' outages, and of the database's identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, String, event, false
from sqlalchemy.orm import Mapped, mapped_column

from fmn.infra.clock import utc_now
from fmn.infra.column_types import JsonText, RowId, StorableText, UtcDateTime
from fmn.infra.database_identity import FAILOVER_FUNCTION
from fmn.infra.db import NEVER_REUSED, Base


class AuditEntry(Base):
    """Audit entry: ``actor`` did ``action`` to ``subject``. Nicks, not ids, since it outlives accounts."""

    __tablename__ = "audit_entries"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(200), default="", index=True)
    details: Mapped[Any] = mapped_column(JsonText, default=dict)


class ChannelOutage(Base):
    """A persistent channel that can't connect, and since when; a channel with partitions has one for each."""

    __tablename__ = "channel_outages"

    channel: Mapped[str] = mapped_column(String(100), primary_key=True)
    reason: Mapped[str] = mapped_column(StorableText)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class DatabaseIdentity(Base):
    """Identity of the database, in one row; see :mod:`fmn.infra.database_identity`. SQLite has none.

    ``changed_at`` is when it was found to be another database than before. Administrators are asked to run
    ``fmn db restored`` until that is ``settled``.
    """

    __tablename__ = "database_timeline"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(100))
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled: Mapped[bool] = mapped_column(default=False, server_default=false())


# For tables that are created without migrations, as in tests.
event.listen(
    DatabaseIdentity.__table__, "after_create",
    DDL(FAILOVER_FUNCTION).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
