"""Writing the audit log, and reading it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.models import AuditEntry

#: Entries shown at once.
PAGE: Final = 50


def log_action(session: Session, actor: str, action: str, subject: str = "", **details: object) -> None:
    """Have it on record that ``actor`` did something, in the transaction in which they do it."""
    session.add(AuditEntry(actor=actor, action=action, subject=subject, details=details))


def entries(
    session: Session, *, before: int | None = None, subject: str = "", most: int = PAGE,
) -> Sequence[AuditEntry]:
    """The latest entries, or those before one; with ``subject`` only those about somebody."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(most)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    if subject:
        statement = statement.where(AuditEntry.subject == subject)
    return session.scalars(statement).all()


def entries_about(session: Session, nick: str, since: datetime) -> Sequence[Mapping[str, Any]]:
    """What was done with what is somebody's, for them to take away: when and what, but not by whom.

    It begins when their account did: who had the nick before was somebody else.
    """
    found = session.scalars(
        select(AuditEntry).where(AuditEntry.subject == nick, AuditEntry.happened_at >= since)
        .order_by(AuditEntry.id))
    return [
        {"happened_at": each.happened_at, "action": each.action, "details": each.details} for each in found]
