"""The audit log, which nobody can change afterwards, and which database this is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, String, event, false
from sqlalchemy.orm import Mapped, mapped_column

from fmn.infra.clock import utc_now
from fmn.infra.db import NEVER_REUSED, Base, JsonText, RowId, UtcDateTime
from fmn.infra.failover import FAILOVER_FUNCTION


class AuditEntry(Base):
    """One thing that somebody did with what isn't theirs. Nicks, not ids: it outlives accounts."""

    __tablename__ = "audit_entries"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(200), default="", index=True)
    details: Mapped[Any] = mapped_column(JsonText, default=dict)


class DatabaseIdentity(Base):
    """The one row that says which database this is, see :mod:`fmn.infra.failover`.

    ``changed_at`` is when it turned out to be another one than before; until somebody has ``settled`` what a
    machine can't decide, they're asked to. There's none on SQLite.
    """

    __tablename__ = "database_timeline"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(100))
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled: Mapped[bool] = mapped_column(default=False, server_default=false())


# Where tables are made without migrations, as in tests.
event.listen(
    DatabaseIdentity.__table__, "after_create",
    DDL(FAILOVER_FUNCTION).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
